import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import vocabulary from 'gpt-tokenizer/bpeRanks/o200k_base';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { O200K_TOKEN_SPLIT_REGEX } from 'gpt-tokenizer/encodingParams/constants';
import { afterAll, describe, expect, it } from 'vitest';
import type { CountedText } from '../../tests/support/token-thread.ts';
import { countTokens, decodeTokens, firstTokens } from './o200k.ts';
import { pieceEnd } from './o200k-pieces.ts';

const allTokens = (text: string): number[] => firstTokens(text, Number.POSITIVE_INFINITY);

/** gpt-tokenizer's answer: right, but quadratic, and wrong on U+FEFF and U+0085. */
const reference = (text: string): number[] =>
  encode(text, { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() });

function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let from = 0; from < text.length; from += pieces.at(-1)?.length ?? 0) {
    pieces.push(text.slice(from, pieceEnd(text, from)));
  }
  return pieces;
}

// One and more of each class in the split pattern, and what has rules of its own.
const FRAGMENTS = [
  ...['a', 'B', 's', 'LL', "'", "'s", "'RE", 'ǅ', 'ʰ', 'é', 'e\u0301', '\u0301', 'Ж', 'ё', '漢', 'の', 'न', 'ि', 'ا'],
  ...['1', '٣', 'Ⅷ', '!', '.', '/', '//', '-', '<|endoftext|>', '\0', '\u200b', '😀', '👩‍👩‍👧', '𝐀', '𐐀', '𐐨', '𐌰'],
  ...[' ', '  ', '\t', '\n', '\r\n', '\u00a0', '\u3000', '\u2028', 'the', ' function', 'const ', '();', '    return'],
];
const anyText = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 500, size: 'max' }),
    fc.string({ unit: 'binary', maxLength: 500, size: 'max' }).map((text) => text.toWellFormed()),
    fc.string({ unit: 'grapheme-ascii', maxLength: 2000, size: 'max' }),
    fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 200, size: 'max' }).map((parts) => parts.join('')),
    fc
      .array(fc.tuple(fc.constantFrom(...FRAGMENTS), fc.integer({ min: 1, max: 300 })), { maxLength: 8, size: 'max' })
      .map((runs) => runs.map(([part, times]) => part.repeat(times)).join('')),
    fc.string({ unit: fc.constantFrom('a', 'b', 'A'), maxLength: 3000, size: 'max' }),
    fc.base64String({ maxLength: 3000, size: 'max' }),
  )
  .map((text) => text.replace(/[\uFEFF\u0085]/g, ''));

describe('o200k_base tokens', () => {
  it('are those of gpt-tokenizer', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokens = reference(text);
        expect(allTokens(text)).toEqual(tokens);
        expect(countTokens(text)).toBe(tokens.length);
      }),
      { numRuns: 300 },
    );
  });

  it('are those of gpt-tokenizer in pieces around every length at which another method could take over', () => {
    for (const unit of ['a', 'xyz', ' ', '\n', '!', '=-', 'é', '漢', '😀']) {
      for (const length of [1, 2, 127, 128, 129, 255, 256, 257, 341, 342, 1023, 1024, 1025, 3072]) {
        const text = unit
          .repeat(Math.ceil(length / unit.length))
          .slice(0, length)
          .toWellFormed();
        expect(allTokens(`${text}?`)).toEqual(reference(`${text}?`));
      }
    }
  });

  it('are those of tiktoken where gpt-tokenizer differs from it', () => {
    expect(allTokens('\uFEFFusing System;')).toEqual([9251, 1219, 26]);
    expect(allTokens('x \uFEFF\uFEFF y')).toEqual([87, 71280, 5574, 342]);
    expect(allTokens('\uFEFF\n\n')).toEqual([42295]);
    expect(allTokens('  \u0085x')).toEqual([256, 126, 227, 87]);
  });

  it('are those of plain text for the names of special tokens', () => {
    expect(allTokens('<|endoftext|>')).toEqual([27, 91, 419, 1440, 919, 91, 29]);
  });

  it('count a lone surrogate as the replacement sign it is sent as', () => {
    for (const text of ['\ud800', 'a\udc00b', '\udc00\ud800'.repeat(1000)]) {
      expect(allTokens(text)).toEqual(allTokens(text.toWellFormed()));
    }
  });

  it('include every token of the vocabulary', () => {
    const lost = vocabulary.filter((text, token) => {
      if (typeof text !== 'string') return false;
      if (decodeTokens([token]) !== text) return true;
      return pieceEnd(text, 0) === text.length && allTokens(text)[0] !== token;
    });
    expect(lost).toEqual([]);
  });

  it('have known counts', () => {
    expect(countTokens('')).toBe(0);
    expect(countTokens('hello world')).toBe(2);
    expect(countTokens('a'.repeat(20_000))).toBe(2500);
    expect(countTokens('a'.repeat(100_000))).toBe(12_500);
  });

  it('give the text back', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decodeTokens(allTokens(text))).toBe(text);
      }),
    );
    expect(decodeTokens(allTokens('\uFEFFa\uFEFF'))).toBe('\uFEFFa\uFEFF');
  });

  it('give the replacement sign for half a character, and nothing of it to the next text', () => {
    const [half] = allTokens('𐌰');
    expect(decodeTokens(half === undefined ? [] : [half])).toBe('\uFFFD');
    expect(decodeTokens(allTokens('plain'))).toBe('plain');
  });

  it('are refused where the number is none', () => {
    for (const token of [-1, 0.5, Number.NaN, 199_998, 200_000]) {
      expect(() => decodeTokens([token])).toThrow(RangeError);
    }
  });
});

describe('the first tokens of a text', () => {
  it('are the beginning of all its tokens', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 600 }), (text, wanted) => {
        expect(firstTokens(text, wanted)).toEqual(allTokens(text).slice(0, wanted));
      }),
    );
  });
});

describe('splitting into pieces', () => {
  it('follows the pattern of o200k_base', () => {
    // tiktoken's "(?i:'s)" takes U+017F for an s; gpt-tokenizer's spelling of it does not.
    const text = anyText.map((value) => value.replaceAll('ſ', ''));
    fc.assert(
      fc.property(text, (value) => {
        expect(piecesOf(value)).toEqual(value.match(O200K_TOKEN_SPLIT_REGEX) ?? []);
      }),
      { numRuns: 500 },
    );
  });

  it('takes millions of letters, on which the regular expression overflows the stack', () => {
    expect(pieceEnd('漢'.repeat(5_000_000), 0)).toBe(5_000_000);
  });
});

describe('a message of 1 MB without a split', () => {
  const size = 1_000_000;
  const letters = new Uint8Array(size);
  for (let at = 0, state = 1; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    letters[at] = 0x61 + Math.floor((state / 2 ** 32) * 26);
  }
  const texts: Record<string, string> = {
    'one letter': 'a'.repeat(size),
    capitals: 'A'.repeat(size),
    'letters at random': Buffer.from(letters).toString('latin1'),
    base64: Buffer.from(letters).toString('base64').slice(0, size),
    spaces: ' '.repeat(size),
    'line breaks': '\n'.repeat(size),
    'line breaks and spaces': '\r\n '.repeat(size / 3),
    'exclamation marks': '!'.repeat(size),
    digits: '1'.repeat(size),
    'combining marks': '\u0301'.repeat(size / 2),
    ideographs: '漢字'.repeat(size / 6),
    emoji: '😀'.repeat(size / 4),
  };

  const thread = new Worker(new URL('../../tests/support/token-thread.ts', import.meta.url));
  afterAll(() => thread.terminate());

  it.each(Object.keys(texts))('is counted and given back: %s', { timeout: 120_000 }, async (name) => {
    const answer = once(thread, 'message');
    thread.postMessage(texts[name] ?? '');
    const [counted] = (await answer) as [CountedText];
    expect(counted.given_back).toBe(true);
    expect(counted.counted).toBe(counted.tokens);
  });
});
