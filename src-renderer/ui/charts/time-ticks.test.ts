import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { roundTimes, stepWords, tickWords } from './time-ticks.ts';

afterEach(() => vi.unstubAllEnvs());

const at = (text: string) => new Date(text).getTime() / 1000;

describe('times under a chart', () => {
  it('are of the day, to the second where they lie close', () => {
    expect(tickWords([at('2026-03-01T10:00:00'), at('2026-03-01T10:05:00')], 300)).toEqual(['10:00', '10:05']);
    expect(tickWords([at('2026-03-01T10:00:30')], 30)).toEqual(['10:00:30']);
  });

  it('are the day where one begins, and where they are days apart', () => {
    expect(tickWords([at('2026-03-01T18:00:00'), at('2026-03-02T00:00:00')], 21_600)).toEqual(['18:00', '2 Mar']);
    expect(tickWords([at('2026-03-01T12:00:00')], 172_800)).toEqual(['1 Mar']);
  });

  it('of a step are with the day when it is not this one', () => {
    const now = new Date('2026-03-02T09:00:00');
    expect(stepWords(at('2026-03-02T08:00:10'), now)).toBe('08:00:10');
    expect(stepWords(at('2026-03-01T08:00:10'), now)).toBe('1 Mar 08:00:10');
  });
});

describe('round times', () => {
  it('are whole minutes and hours of the day', () => {
    const { times, distance } = roundTimes(at('2026-03-01T10:07:31'), at('2026-03-01T11:07:31'), 6);
    expect(tickWords(times, distance)).toEqual(['10:10', '10:20', '10:30', '10:40', '10:50', '11:00']);
  });

  it('begin days where days begin, also after the clock was put back', () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    const { times } = roundTimes(at('2026-10-23T12:00:00'), at('2026-10-28T12:00:00'), 6);
    const shown = times.map((time) => new Date(time * 1000)).map((time) => [time.getDate(), time.getHours()]);
    expect(new Date('2026-10-24T00:00:00').getTimezoneOffset()).toBe(-120);
    expect(shown).toEqual([24, 25, 26, 27, 28].map((day) => [day, 0]));
  });

  it('lie between both ends, equally far apart, and are few', () => {
    const from = fc.integer({ min: 1_700_000_000, max: 1_800_000_000 });
    fc.assert(
      fc.property(
        from,
        fc.integer({ min: 60, max: 31 * 86_400 }),
        fc.integer({ min: 2, max: 12 }),
        (begin, length, most) => {
          const { times, distance } = roundTimes(begin, begin + length, most);
          expect(times.length).toBeLessThanOrEqual(most + 1);
          for (const [i, time] of times.entries()) {
            expect(time).toBeGreaterThanOrEqual(begin);
            expect(time).toBeLessThanOrEqual(begin + length);
            if (i > 0) expect(time - (times[i - 1] ?? 0)).toBeCloseTo(distance);
          }
        },
      ),
    );
  });
});
