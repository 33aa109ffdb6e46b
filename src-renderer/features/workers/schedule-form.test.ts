import { ORPCError } from '@orpc/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workerSchedule } from '../../../src-contract/index.ts';
import { formErrors, formOf, scheduleOf } from './schedule-form.ts';

const interval = fc.integer({ min: 1, max: 31_536_000 }).map((seconds) => ({ kind: 'interval' as const, seconds }));
const cron = fc
  .constantFrom('0 3 * * *', '*/7 * * * 1-5')
  .map((expression) => ({ kind: 'cron' as const, expression, time_zone: 'Europe/Berlin' }));

describe('the form of a schedule', () => {
  it('says what the schedule said', () => {
    fc.assert(
      fc.property(fc.oneof(interval, cron, fc.constant({ kind: 'manual' as const })), (schedule) => {
        expect(scheduleOf(formOf(schedule))).toEqual({ schedule });
      }),
    );
  });

  it.each(['', 'soon', '-5', '1.5', '0', '1e3', '99999999999'])('refuses an interval of "%s"', (count) => {
    const form = { ...formOf({ kind: 'manual' }), kind: 'interval' as const, count };
    expect(scheduleOf(form)).toMatchObject({ errors: { count: expect.any(String) } });
  });

  it('makes only intervals that the engine takes', () => {
    const given = fc.record({
      count: fc.oneof(fc.nat().map(String), fc.string()),
      unit: fc.constantFrom('day', 'second'),
    });
    fc.assert(
      fc.property(given, ({ count, unit }) => {
        const made = scheduleOf({ ...formOf({ kind: 'manual' }), kind: 'interval', count, unit: unit as 'day' });
        if ('schedule' in made) expect(workerSchedule.safeParse(made.schedule).success).toBe(true);
      }),
    );
  });

  it('asks for an expression and a time zone', () => {
    const form = { ...formOf({ kind: 'manual' }), kind: 'cron' as const, expression: ' ', time_zone: '' };
    expect(scheduleOf(form)).toMatchObject({
      errors: { expression: expect.stringMatching(/Say when/), time_zone: expect.stringMatching(/time zone/) },
    });
  });

  it('tells what the engine says beside the field it is about', () => {
    const refused = (field: string, message: string) =>
      new ORPCError('VALIDATION_FAILED', { message: `${field} ${message}`, data: { issues: [{ field, message }] } });
    expect(formErrors(refused('schedule.expression', 'must name a time that will come'), 'all of it')).toEqual({
      expression: 'It must name a time that will come.',
    });
    expect(formErrors(refused('schedule.time_zone', 'must be a time zone'), 'all of it')).toEqual({
      time_zone: 'It must be a time zone.',
    });
    expect(formErrors(refused('worker', 'must be known'), 'all of it')).toEqual({ form: 'all of it' });
    expect(formErrors(new Error('away'), 'It is away.')).toEqual({ form: 'It is away.' });
  });
});
