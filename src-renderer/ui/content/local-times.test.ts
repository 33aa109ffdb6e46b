import { describe, expect, it } from 'vitest';
import { clock, dayAndClock } from '../format.ts';
import { localTimes } from './local-times.ts';

const SINCE = '2026-03-10T12:00:00.000Z';
const NOW_MS = Date.parse('2026-03-10T12:05:00.000Z');

describe('times in what the engine says', () => {
  it('are those of the reader', () => {
    expect(
      localTimes(`Redis is away since ${SINCE} (refused). It is tried again at 2026-03-10T12:00:10Z.`, NOW_MS),
    ).toBe(`Redis is away since ${clock(SINCE)} (refused). It is tried again at ${clock('2026-03-10T12:00:10Z')}.`);
  });

  it('have their day when it is not today', () => {
    const now_ms = NOW_MS + 3 * 86_400_000;
    expect(localTimes(`since ${SINCE}`, now_ms)).toBe(`since ${dayAndClock(SINCE)}`);
  });

  it('leave everything else as it is', () => {
    for (const text of ['', '2026-03-10', 'at 12:00', '2026-13-45T99:00:00Z', '2026-03-10T12:00:00+02:00']) {
      expect(localTimes(text, NOW_MS)).toBe(text);
    }
  });
});
