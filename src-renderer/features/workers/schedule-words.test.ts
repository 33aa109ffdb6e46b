import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cronWords,
  INTERVAL_UNITS,
  intervalIn,
  scheduleExpression,
  scheduleWords,
  secondsOf,
} from './schedule-words.ts';

const cron = (expression: string, time_zone = 'UTC') => ({ kind: 'cron' as const, expression, time_zone });

describe('a schedule in words', () => {
  it.each([
    [1, 'every second'],
    [90, 'every 90 seconds'],
    [900, 'every 15 minutes'],
    [3600, 'every hour'],
    [5400, 'every 90 minutes'],
    [86_400, 'every day'],
    [604_800, 'every 7 days'],
  ])('says an interval of %d seconds in its largest unit', (seconds, words) => {
    expect(scheduleWords({ kind: 'interval', seconds })).toBe(words);
  });

  it('says that one runs only when asked to', () => {
    expect(scheduleWords({ kind: 'manual' })).toBe('only when asked to');
  });

  it.each([
    ['0 3 * * *', 'at 03:00 every day'],
    ['0 30 3 * * *', 'at 03:30 every day'],
    ['15 6,18 * * *', 'at 06:15 and 18:15 every day'],
    ['* * * * *', 'every minute'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['5 * * * *', 'every hour at 5 min past'],
    ['0 */6 * * *', 'every 6 hours at 0 min past'],
    ['0 3 * * 1', 'at 03:00 on Mondays'],
    ['0 3 * * MON,thu', 'at 03:00 on Mondays and Thursdays'],
    ['0 3 * * 1-5', 'at 03:00 from Monday to Friday'],
    ['*/10 * * * 1-5', 'every 10 minutes, from Monday to Friday'],
    ['0 3 1 * *', 'at 03:00 on day 1 of every month'],
  ])('says %s', (expression, words) => {
    expect(cronWords(expression)).toBe(words);
  });

  it.each(['*/7 * * * *', '0 3 1 * 1', '0 3 31 * *', '30 0 3 * * *', '0 3 * 2 *', '0 3 L * *', '1,2 3 * * *', 'x', ''])(
    'does not say what is not true of every run: %s',
    (expression) => {
      expect(cronWords(expression)).toBeUndefined();
    },
  );

  it('names the time zone, and the expression beside the words', () => {
    expect(scheduleWords(cron('0 3 * * *', 'Europe/Berlin'))).toBe('at 03:00 every day (Europe/Berlin)');
    expect(scheduleWords(cron('*/7 * * * *'))).toBe('at the times of its cron expression (UTC)');
    expect(scheduleExpression(cron('*/7 * * * *'))).toBe('*/7 * * * *');
    expect(scheduleExpression({ kind: 'manual' })).toBeUndefined();
  });

  it('never fails, whatever it is given', () => {
    const field = fc.stringMatching(/^[\w*,/#?+-]{1,6}$/);
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), (fields) => {
        expect(scheduleWords(cron(fields.join(' ')))).toMatch(/ \(UTC\)$/);
      }),
    );
  });

  const AFTER = new Date('2026-03-10T10:07:00Z');
  const runs = (expression: string) =>
    new Cron(expression, { mode: '5-or-6-parts', timezone: 'UTC' }).nextRuns(40, AFTER);

  it('says the times at which it runs', () => {
    const hours = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 59 }), hours, (minute, at) => {
        const expression = `${minute} ${at.join(',')} * * *`;
        const seen = new Set(runs(expression).map((time) => time.toISOString().slice(11, 16)));
        const said = cronWords(expression)?.match(/\d\d:\d\d/g);
        expect(said).toEqual([...seen].sort());
      }),
    );
  });

  it('says how far apart its runs are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 59 }), (step) => {
        const expression = `*/${step} * * * *`;
        const times = runs(expression).map((time) => time.getTime() / 60_000);
        const gaps = new Set(times.slice(1).map((time, index) => time - (times[index] ?? 0)));
        const words = step === 1 ? 'every minute' : `every ${step} minutes`;
        expect(cronWords(expression)).toBe(gaps.size === 1 ? words : undefined);
      }),
    );
  });

  it('says the days of the week on which it runs', () => {
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 });
    const name = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone: 'UTC' });
    fc.assert(
      fc.property(days, (given) => {
        const expression = `0 3 * * ${given.join(',')}`;
        const seen = new Set(runs(expression).map((time) => `${name.format(time)}s`));
        const said = cronWords(expression)?.match(/\w+days/g) ?? [];
        expect(new Set(said)).toEqual(seen);
      }),
    );
  });
});

describe('an interval in a unit', () => {
  it('is the same interval', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 31_536_000 }), (seconds) => {
        const { count, unit } = intervalIn(seconds);
        expect(secondsOf(count, unit)).toBe(seconds);
        expect(INTERVAL_UNITS).toContain(unit);
      }),
    );
  });
});
