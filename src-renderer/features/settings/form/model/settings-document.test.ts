import { describe, expect, it } from 'vitest';
import { readDocument } from './settings-document.ts';

describe('a file with settings', () => {
  it('is read, also when an editor put a mark before it', () => {
    expect(readDocument('\uFEFF{"memory.enabled": false}', 'a.json')).toEqual({ 'memory.enabled': false });
  });

  it.each(['', '[1]', '"text"', '{', '{"constructor": 1}'])('is refused when it is %s', (text) => {
    expect(() => readDocument(text, 'a.json')).toThrow('“a.json” is no file with settings.');
  });

  it('is refused when it is far too large', () => {
    expect(() => readDocument(' '.repeat(1_000_001), 'a.json')).toThrow('too large');
  });
});
