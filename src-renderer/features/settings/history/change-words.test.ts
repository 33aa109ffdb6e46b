import { describe, expect, it } from 'vitest';
import { changeWords } from './change-words.ts';

describe('a change in words', () => {
  const kind = { kind: 'number', integer: true, min: 1, max: 9, unit: 'days', step: null } as const;
  it('says before and after', () => {
    const change = { key: 'a', title: 'A', secret: false, before: null, after: 3 };
    expect(changeWords(change, kind)).toEqual({ before: 'no own value', after: '3 days' });
  });

  it('says of a secret only whether it was set', () => {
    const change = { key: 'a', title: 'A', secret: true, before: false, after: true };
    expect(changeWords(change, { kind: 'secret' })).toEqual({ before: 'not set', after: 'set' });
    expect(changeWords({ ...change, before: 'sk-1', after: null }, undefined)).toEqual({
      before: 'not set',
      after: 'not set',
    });
  });
});
