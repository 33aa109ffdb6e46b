import { describe, expect, it } from 'vitest';
import { parseTags } from './tags.ts';

describe('typed tags', () => {
  it('are split at commas, trimmed, and each taken once', () => {
    expect(parseTags(' home, work ,home,, a b ')).toEqual(['home', 'work', 'a b']);
    expect(parseTags(' , ')).toEqual([]);
  });
});
