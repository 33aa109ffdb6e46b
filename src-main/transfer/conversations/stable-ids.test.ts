import { describe, expect, it } from 'vitest';
import { sessionId } from '../../../src-contract/index.ts';
import { externalIdOf } from './stable-ids.ts';

describe('foreign ids', () => {
  it('stay as they are when they can be ours', () => {
    for (const id of ['a', '...', '.a', 'a/../b', '%2e%2e']) expect(externalIdOf(id)).toBe(id);
  });

  it('become others, always the same, when they cannot', () => {
    for (const id of ['.', '..', '', ' a', 'x'.repeat(201), 'a\u0000b', 'a\ud800']) {
      expect(sessionId.safeParse(externalIdOf(id)).success, id).toBe(true);
      expect(externalIdOf(id)).toBe(externalIdOf(id));
    }
    expect(externalIdOf('.')).not.toBe(externalIdOf('..'));
  });
});
