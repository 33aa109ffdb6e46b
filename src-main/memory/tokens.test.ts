import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countTokens } from './o200k.ts';
import { CUT_MARKER, cutToTokens } from './tokens.ts';

describe('counting tokens', () => {
  it('agrees with known o200k_base counts', () => {
    expect(countTokens('')).toBe(0);
    expect(countTokens('hello world')).toBe(2);
  });

  it('treats special tokens as text', () => {
    expect(countTokens('<|endoftext|>')).toBeGreaterThan(1);
  });

  it('counts a long run of one letter', () => {
    expect(countTokens('a'.repeat(20_000))).toBe(2500);
  });
});

describe('cutting a text to a number of tokens', () => {
  const sentences = 'The first sentence stands here. The second is a little longer than that. The third ends it all.';

  it('leaves a text alone that fits', () => {
    expect(cutToTokens(sentences, 100)).toEqual({ text: sentences, token_count: countTokens(sentences) });
  });

  it('ends at a sentence and says that something is missing', () => {
    expect(cutToTokens(`${sentences} ${sentences}`, 27)?.text).toBe(
      `The first sentence stands here. The second is a little longer than that.${CUT_MARKER}`,
    );
  });

  it('ends at a word where no sentence ends', () => {
    const words = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ');
    const cut = cutToTokens(words, 50)?.text.slice(0, -CUT_MARKER.length) ?? '';
    expect(words.startsWith(`${cut} `)).toBe(true);
  });

  it('marks a text that lost its end already, though it fits', () => {
    expect(cutToTokens(sentences, 100, false)).toEqual({
      text: `${sentences}${CUT_MARKER}`.replace(' The third ends it all.', ''),
      token_count: expect.any(Number),
    });
  });

  it('reads no more of one long word than it needs', () => {
    let read = 0;
    class Watched extends String {
      override slice(from?: number, to?: number): string {
        read = Math.max(read, to ?? this.length);
        return super.slice(from, to);
      }
    }
    const cut = cutToTokens(new Watched('a'.repeat(1_000_000)) as unknown as string, 500);
    expect(cut?.token_count).toBeLessThanOrEqual(500);
    expect(read).toBeLessThan(20_000);
  });

  it('gives nothing when not even the marker fits', () => {
    expect(cutToTokens('word '.repeat(50), 5)).toBeUndefined();
  });

  it('never passes the limit, counts exactly and stays well-formed, whatever the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 2000 }),
      fc.string({ unit: 'binary', maxLength: 2000 }).map((value) => value.toWellFormed()),
      fc.constantFrom(
        'a'.repeat(5000),
        '😀'.repeat(500),
        '<|endoftext|>'.repeat(100),
        '\n'.repeat(3000),
        ' '.repeat(3000),
      ),
    );
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 300 }), (value, max_tokens) => {
        const cut = cutToTokens(value, max_tokens);
        if (cut === undefined) return;
        expect(cut.token_count).toBeLessThanOrEqual(max_tokens);
        expect(cut.token_count).toBe(countTokens(cut.text));
        expect(cut.text.isWellFormed()).toBe(true);
      }),
    );
  });
});
