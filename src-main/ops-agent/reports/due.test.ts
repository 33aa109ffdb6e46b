import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastRun, nextRun } from '../../workers/schedule.ts';
import { duePeriod, nextReport, reportSchedule } from './due.ts';

const at = (time: string) => Date.parse(time);
const iso = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : new Date(ms).toISOString());
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const period = (schedule: ReturnType<typeof reportSchedule>, reported: string, now: string) => {
  const due = duePeriod(schedule, at(reported), at(now));
  return due && [iso(due.from_ms), iso(due.to_ms)];
};

describe('when a report is due', () => {
  const berlin = reportSchedule('0 7 * * *', 'Europe/Berlin');

  it('at its time in its time zone, and not before', () => {
    expect(period(berlin, '2026-07-01T05:00:00Z', '2026-07-02T04:59:59.999Z')).toBeUndefined();
    expect(period(berlin, '2026-07-01T05:00:00Z', '2026-07-02T05:00:00Z')).toEqual([
      '2026-07-01T05:00:00.000Z',
      '2026-07-02T05:00:00.000Z',
    ]);
    expect(reportSchedule('CRON_TZ=Asia/Tokyo 0 7 * * *', 'Europe/Berlin')).toMatchObject({ time_zone: 'Asia/Tokyo' });
    expect(reportSchedule('nonsense', 'UTC')).toEqual({ kind: 'manual' });
  });

  it('once the computer is on again, of the time it should have been of', () => {
    expect(period(berlin, '2026-07-01T05:00:00Z', '2026-07-02T11:30:00Z')).toEqual([
      '2026-07-01T05:00:00.000Z',
      '2026-07-02T05:00:00.000Z',
    ]);
    // Off for the weekend: one report since Friday, not three.
    expect(period(berlin, '2026-07-03T05:00:00Z', '2026-07-06T09:00:00Z')).toEqual([
      '2026-07-03T05:00:00.000Z',
      '2026-07-06T05:00:00.000Z',
    ]);
  });

  it('goes back no further than rounds are kept', () => {
    expect(period(berlin, '2026-01-01T06:00:00Z', '2026-07-06T09:00:00Z')).toEqual([
      '2026-06-29T05:00:00.000Z',
      '2026-07-06T05:00:00.000Z',
    ]);
  });

  it('has days of 23 and 25 hours when clocks are changed, each in one report', () => {
    expect(period(berlin, '2026-03-28T06:00:00Z', '2026-03-29T05:00:00Z')).toEqual([
      '2026-03-28T06:00:00.000Z',
      '2026-03-29T05:00:00.000Z',
    ]);
    expect(period(berlin, '2026-10-24T05:00:00Z', '2026-10-25T06:00:00Z')).toEqual([
      '2026-10-24T05:00:00.000Z',
      '2026-10-25T06:00:00.000Z',
    ]);
  });

  it('neither skips nor doubles a time, however rounds, pauses and clock changes fall', () => {
    const schedules = fc.constantFrom(
      reportSchedule('0 7 * * *', 'Europe/Berlin'),
      reportSchedule('30 2 * * *', 'America/New_York'),
      reportSchedule('0 */6 * * *', 'Australia/Lord_Howe'),
      reportSchedule('12h', 'UTC'),
      reportSchedule('0 8 * * 1-5', 'UTC'),
    );
    const starts = fc.constantFrom(at('2026-03-06T00:00:00Z'), at('2026-03-25T12:00:00Z'), at('2026-10-22T00:00:00Z'));
    // Minutes until the next look: mostly one interval, at times a night or some days.
    const looks = fc.array(
      fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 200 }) }, fc.integer({ min: 300, max: 7000 })),
      {
        minLength: 5,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(schedules, starts, looks, (schedule, start, steps) => {
        let reported_ms = start;
        let now_ms = start;
        for (const minutes of steps) {
          now_ms += minutes * 60_000;
          const due = duePeriod(schedule, reported_ms, now_ms);
          // By hand: every time of the schedule since then.
          const times: number[] = [];
          for (
            let next = nextRun(schedule, reported_ms);
            next !== null && next <= now_ms;
            next = nextRun(schedule, next)
          ) {
            times.push(next);
          }
          expect(iso(due?.to_ms)).toBe(iso(times.at(-1)));
          if (due === undefined) continue;
          expect(due.from_ms).toBe(Math.max(reported_ms, due.to_ms - 7 * DAY_MS));
          reported_ms = due.to_ms;
          expect(duePeriod(schedule, reported_ms, now_ms)).toBeUndefined();
        }
      }),
      { numRuns: 200 },
    );
  });

  it('says when the next one comes', () => {
    const now = at('2026-07-01T10:00:00Z');
    expect(iso(nextReport(berlin, at('2026-07-01T05:00:00Z'), now))).toBe('2026-07-02T05:00:00.000Z');
    expect(iso(nextReport(reportSchedule('12h', 'UTC'), at('2026-07-01T05:00:00Z'), now))).toBe(
      '2026-07-01T17:00:00.000Z',
    );
    expect(nextReport(reportSchedule('manual', 'UTC'), now, now)).toBeNull();
  });

  it('is not due for a schedule by hand, nor when the clock went back', () => {
    expect(lastRun({ kind: 'manual' }, 0, at('2026-07-01T05:00:00Z'))).toBeNull();
    expect(period(berlin, '2026-07-02T05:00:00Z', '2026-07-01T09:00:00Z')).toBeUndefined();
    expect(period(reportSchedule('1h', 'UTC'), '2026-07-02T05:00:00Z', '2026-07-01T09:00:00Z')).toBeUndefined();
  });
});
