import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentText, labelText, MAX_TEXT_LENGTH } from '../../../src-contract/index.ts';
import { storableLabel, storableText } from './storable-text.ts';

describe('foreign text', () => {
  it('loses NUL and lone surrogates, and says so', () => {
    expect(storableText('a\u0000b\ud800c')).toEqual({ text: 'ab\ufffdc', repaired: true, cut: false });
    expect(storableText('plain 😀')).toEqual({ text: 'plain 😀', repaired: false, cut: false });
  });

  it('is cut at the longest a message may be, with a marker', () => {
    const { text, cut } = storableText('😀'.repeat(MAX_TEXT_LENGTH));
    expect(cut).toBe(true);
    expect(text.length).toBeLessThanOrEqual(MAX_TEXT_LENGTH);
    expect(text).toMatch(/\[… cut by the import: longer than a message may be\]$/);
    expect(contentText.safeParse(text).success).toBe(true);
  });

  it('always fits the contract afterwards', () => {
    const anything = fc.string({ unit: 'binary' }).map((text) => `${text}\ud800\u0000`);
    fc.assert(fc.property(anything, (text) => contentText.safeParse(storableText(text).text).success));
    fc.assert(
      fc.property(fc.oneof(anything, fc.string({ minLength: 600, maxLength: 900 })), (text) => {
        const label = storableLabel(text);
        expect(label === undefined || labelText.safeParse(label).data === label).toBe(true);
      }),
    );
  });

  it('is no label when it is blank or no text', () => {
    expect([storableLabel('  \n '), storableLabel(5), storableLabel(null)]).toEqual([undefined, undefined, undefined]);
  });
});
