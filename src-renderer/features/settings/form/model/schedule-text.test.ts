import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSchedule, scheduleTextWords } from './schedule-text.ts';

describe('a schedule as the configuration writes it', () => {
  it.each([
    ['15m', 'every 15 minutes'],
    [' 1d ', 'every day'],
    ['manual', 'only when asked to'],
    ['0 3 * * *', 'at 03:00 every day (UTC)'],
    ['CRON_TZ=Europe/Berlin 0 3 * * *', 'at 03:00 every day (Europe/Berlin)'],
    ['*/7 * * * *', 'at the times of its cron expression (UTC)'],
  ])('says %s', (text, words) => {
    expect(scheduleTextWords(text)).toBe(words);
  });

  it.each(['', '0m', '366d', 'daily', '3 * *', '1 2 3 4 5 6 7'])('is not "%s"', (text) => {
    expect(isSchedule(text)).toBe(false);
  });

  it('never fails, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isSchedule(text)).toBe(scheduleTextWords(text) !== undefined);
      }),
    );
  });
});
