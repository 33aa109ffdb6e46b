/** What the form of a schedule holds, what it means, and what is wrong with it. Pure. */
import { ORPCError } from '@orpc/client';
import { z } from 'zod';
import type { WorkerSchedule } from '../../../src-contract/index.ts';
import { type IntervalUnit, intervalIn, secondsOf } from './schedule-words.ts';

/** Every kind keeps what was typed while another one is chosen. */
export interface ScheduleForm {
  kind: WorkerSchedule['kind'];
  count: string;
  unit: IntervalUnit;
  expression: string;
  time_zone: string;
}

export type FormErrors = Partial<Record<'count' | 'expression' | 'time_zone' | 'form', string>>;

const MAX_SECONDS = 31_536_000;

export function formOf(schedule: WorkerSchedule): ScheduleForm {
  const { count, unit } = schedule.kind === 'interval' ? intervalIn(schedule.seconds) : intervalIn(900);
  const cron = schedule.kind === 'cron' ? schedule : { expression: '0 3 * * *', time_zone: 'UTC' };
  const { expression, time_zone } = cron;
  return { kind: schedule.kind, count: String(count), unit, expression, time_zone };
}

export function scheduleOf(form: ScheduleForm): { schedule: WorkerSchedule } | { errors: FormErrors } {
  switch (form.kind) {
    case 'manual':
      return { schedule: { kind: 'manual' } };
    case 'interval':
      return intervalOf(form);
    case 'cron':
      return cronOf(form);
  }
}

function intervalOf({ count, unit }: ScheduleForm): { schedule: WorkerSchedule } | { errors: FormErrors } {
  const typed = count.trim();
  const seconds = /^\d{1,9}$/.test(typed) ? secondsOf(Number(typed), unit) : 0;
  if (seconds < 1) return { errors: { count: 'A whole number from 1 on.' } };
  if (seconds > MAX_SECONDS) return { errors: { count: 'At most 365 days.' } };
  return { schedule: { kind: 'interval', seconds } };
}

/** Whether the expression means anything the engine knows best. */
function cronOf(form: ScheduleForm): { schedule: WorkerSchedule } | { errors: FormErrors } {
  const expression = form.expression.trim();
  const time_zone = form.time_zone.trim();
  const errors: FormErrors = {
    ...(expression === '' ? { expression: 'Say when, such as 0 3 * * * for 03:00 every day.' } : {}),
    ...(time_zone === '' ? { time_zone: 'Name a time zone, such as UTC or Europe/Berlin.' } : {}),
  };
  return Object.keys(errors).length > 0 ? { errors } : { schedule: { kind: 'cron', expression, time_zone } };
}

const refusal = z.object({ issues: z.array(z.object({ field: z.string(), message: z.string() })) });
const FIELDS = { expression: 'expression', time_zone: 'time_zone', seconds: 'count' } as const;

/** What the engine says against it, beside the field it is about. */
export function formErrors(error: unknown, message: string): FormErrors {
  const parsed = refusal.safeParse(error instanceof ORPCError ? error.data : undefined);
  if (!parsed.success) return { form: message };
  const errors: FormErrors = {};
  for (const issue of parsed.data.issues) {
    const name = Object.keys(FIELDS).find((each) => issue.field.endsWith(each));
    const field = name === undefined ? 'form' : FIELDS[name as keyof typeof FIELDS];
    errors[field] ??= field === 'form' ? message : `It ${issue.message}.`;
  }
  return Object.keys(errors).length === 0 ? { form: message } : errors;
}
