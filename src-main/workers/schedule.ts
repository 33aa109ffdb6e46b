/** When a worker runs: the texts of the configuration, their check, and the next time. */
import { Cron } from 'croner';
import type { WorkerSchedule } from '../../src-contract/index.ts';
import { invalidField } from '../errors.ts';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const INTERVAL = /^([1-9]\d{0,6})([smhd])$/;
const MAX_INTERVAL_SECONDS = 365 * SECONDS.d;

/** Reads `15m`, `0 3 * * *` (UTC) or `manual`; undefined for anything else. */
export function parseSchedule(text: string): WorkerSchedule | undefined {
  if (text === 'manual') return { kind: 'manual' };
  const [, count, unit] = INTERVAL.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS];
    return seconds <= MAX_INTERVAL_SECONDS ? { kind: 'interval', seconds } : undefined;
  }
  const schedule = { kind: 'cron', expression: text, time_zone: 'UTC' } as const;
  return cronFault(schedule) === undefined ? schedule : undefined;
}

/** @throws ArchonError VALIDATION_FAILED for a cron expression or time zone that does not exist */
export function checkSchedule(schedule: WorkerSchedule): void {
  if (schedule.kind !== 'cron') return;
  const fault = cronFault(schedule);
  if (fault) throw invalidField(fault.field, fault.message);
}

/** The first time after `now_ms`; null when it never runs by itself. */
export function nextRun(schedule: WorkerSchedule, now_ms: number): number | null {
  switch (schedule.kind) {
    case 'manual':
      return null;
    case 'interval':
      return now_ms + schedule.seconds * 1000;
    case 'cron':
      return cronOf(schedule).nextRun(new Date(now_ms))?.getTime() ?? null;
  }
}

type CronSchedule = Extract<WorkerSchedule, { kind: 'cron' }>;

/** It only computes: without a function it starts no timer. */
const cronOf = ({ expression, time_zone }: CronSchedule): Cron =>
  new Cron(expression, { mode: '5-or-6-parts', timezone: time_zone });

function cronFault(schedule: CronSchedule): { field: string; message: string } | undefined {
  try {
    Intl.DateTimeFormat('en', { timeZone: schedule.time_zone });
  } catch {
    return { field: 'schedule.time_zone', message: 'must be a time zone such as Europe/Berlin' };
  }
  try {
    if (cronOf(schedule).nextRun() !== null) return undefined;
    return { field: 'schedule.expression', message: 'must name a time that will come' };
  } catch {
    return {
      field: 'schedule.expression',
      message: 'must be a cron expression: minute, hour, day, month, day of week, such as "0 3 * * *"',
    };
  }
}
