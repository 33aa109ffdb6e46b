import { describe, expect, it } from 'vitest';
import { farPassage, firstPlace } from './find-passage.ts';

const FILLER = 'x'.repeat(100_000);

describe('a place far down in a text', () => {
  it('is shown with what stands around it', () => {
    const text = `${FILLER}Needle${FILLER}`;
    const passage = farPassage(text, 'needle', 60_000);
    expect(passage).toBeDefined();
    expect(text.slice(passage?.from, passage?.to)).toContain('Needle');
    expect((passage?.to ?? 0) - (passage?.from ?? 0)).toBeLessThan(2000);
  });

  it('begins where what is shown ends, also when the place lies across it', () => {
    const text = `${'x'.repeat(59_998)}needle${FILLER}`;
    expect(farPassage(text, 'needle', 60_000)).toEqual({ from: 59_998, to: 59_998 + 6 + 800 });
    expect(farPassage(`${'x'.repeat(100)}needle`, 'needle', 90)).toEqual({ from: 90, to: 106 });
  });

  it('is not needed for what is in sight or not there', () => {
    expect(farPassage(`needle${FILLER}needle`, 'needle', 1600)).toBeUndefined();
    expect(farPassage(FILLER, 'needle', 1600)).toBeUndefined();
    expect(firstPlace('A NEEDLE', 'needle')).toBe(2);
  });
});
