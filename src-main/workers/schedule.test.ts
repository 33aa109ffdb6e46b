import { describe, expect, it } from 'vitest';
import { checkSchedule, nextRun, parseSchedule } from './schedule.ts';

const at = (time: string) => Date.parse(time);
const next = (text: string, now: string) => {
  const schedule = parseSchedule(text);
  if (schedule === undefined) throw new Error(`not a schedule: ${text}`);
  const ms = nextRun(schedule, at(now));
  return ms === null ? null : new Date(ms).toISOString();
};

describe('schedules', () => {
  it.each([
    ['15m', '2026-01-01T10:07:00Z', '2026-01-01T10:22:00.000Z'],
    ['1d', '2026-01-01T10:07:00Z', '2026-01-02T10:07:00.000Z'],
    ['0 3 * * *', '2026-01-01T03:00:00Z', '2026-01-02T03:00:00.000Z'],
    ['*/10 * * * * *', '2026-01-01T03:00:01Z', '2026-01-01T03:00:10.000Z'],
    ['manual', '2026-01-01T03:00:00Z', null],
  ])('%s after %s is %s', (text, now, expected) => {
    expect(next(text, now)).toBe(expected);
  });

  it('know the hour that is skipped in spring', () => {
    const schedule = { kind: 'cron', expression: '30 2 * * *', time_zone: 'Europe/Berlin' } as const;
    const night = nextRun(schedule, at('2026-03-28T12:00:00Z')) as number;
    // 02:30 does not exist on that day; an hour later on the clock is the same moment.
    expect(new Date(night).toISOString().slice(0, 10)).toBe('2026-03-29');
    expect(nextRun(schedule, night)).toBe(at('2026-03-30T00:30:00Z'));
  });

  it.each(['', 'soon', '0m', '5', '99999999d', '61 * * * *', '* * * *', '0 0 30 2 *', '* * * * * * 2020'])(
    '%j is none',
    (text) => {
      expect(parseSchedule(text)).toBeUndefined();
    },
  );

  it('say which field is wrong', () => {
    const cron = (expression: string, time_zone: string) => () =>
      checkSchedule({ kind: 'cron', expression, time_zone });
    expect(cron('99 * * * *', 'UTC')).toThrow('schedule.expression');
    expect(cron('0 3 * * *', 'Mars/Olympus')).toThrow('schedule.time_zone');
    expect(cron('0 3 * * *', 'Europe/Berlin')).not.toThrow();
  });
});
