import { describe, expect, it } from 'vitest';
import { at, SAMPLE_NOW_MS } from '../../../../../tests/support/worker-samples.ts';
import { engineNow } from './engine-clock.ts';

const HOUR_MS = 3_600_000;
const checked = { checked_at: at(0) };

describe('the clock of the engine', () => {
  it('is that of the browser while they hardly differ', () => {
    const read_ms = SAMPLE_NOW_MS + 2500;
    expect(engineNow(read_ms + 700, read_ms, checked)).toBe(read_ms + 700);
  });

  it('goes on from the answer when the browser is ahead or behind', () => {
    for (const ahead_ms of [HOUR_MS, -HOUR_MS]) {
      const read_ms = SAMPLE_NOW_MS + ahead_ms;
      expect(engineNow(read_ms + 4000, read_ms, checked)).toBe(SAMPLE_NOW_MS + 4000);
    }
  });
});
