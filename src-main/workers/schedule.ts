/** When a worker runs: the texts of the configuration, their check, and the next time. */
import { Cron } from 'croner';
import type { WorkerSchedule } from '../../src-contract/index.ts';
import { invalidField } from '../errors.ts';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const INTERVAL = /^([1-9]\d{0,7})([smhd])$/;
const MAX_INTERVAL_SECONDS = 365 * SECONDS.d;

/** The setting that says when a worker runs. */
export const scheduleKey = (worker: string): string => `workers.${worker.replaceAll('-', '_')}_schedule`;

/** As crontabs say it; without it a cron expression is in UTC. */
const TIME_ZONE = /^CRON_TZ=(\S+)\s+(.+)$/;

/** Reads `15m`, `0 3 * * *`, `CRON_TZ=Europe/Berlin 0 3 * * *` or `manual`; undefined for anything else. */
export function parseSchedule(text: string): WorkerSchedule | undefined {
  if (text === 'manual') return { kind: 'manual' };
  const [, count, unit] = INTERVAL.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    const seconds = Number(count) * SECONDS[unit as keyof typeof SECONDS];
    return seconds <= MAX_INTERVAL_SECONDS ? { kind: 'interval', seconds } : undefined;
  }
  const [, time_zone = 'UTC', expression = text] = TIME_ZONE.exec(text) ?? [];
  const schedule = { kind: 'cron', expression, time_zone } as const;
  return cronFault(schedule) === undefined ? schedule : undefined;
}

/** The schedule as {@link parseSchedule} reads it. */
export function scheduleText(schedule: WorkerSchedule): string {
  switch (schedule.kind) {
    case 'manual':
      return 'manual';
    case 'interval':
      return intervalText(schedule.seconds);
    case 'cron':
      return schedule.time_zone === 'UTC'
        ? schedule.expression
        : `CRON_TZ=${schedule.time_zone} ${schedule.expression}`;
  }
}

function intervalText(seconds: number): string {
  const units = ['d', 'h', 'm', 's'] as const;
  const unit = units.find((one) => seconds % SECONDS[one] === 0) ?? 's';
  return `${seconds / SECONDS[unit]}${unit}`;
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

/**
 * The last time up to `now_ms` that is after `after_ms`, where a schedule that ran then would have run again; null when
 * there was none.
 */
export function lastRun(schedule: WorkerSchedule, after_ms: number, now_ms: number): number | null {
  switch (schedule.kind) {
    case 'manual':
      return null;
    case 'interval': {
      const step_ms = schedule.seconds * 1000;
      const times = Math.floor((now_ms - after_ms) / step_ms);
      return times > 0 ? after_ms + times * step_ms : null;
    }
    case 'cron': {
      // It finds times before the one it is given, in whole seconds.
      const [found] = cronOf(schedule).previousRuns(1, new Date(Math.floor(now_ms / 1000) * 1000 + 1000));
      return found !== undefined && found.getTime() > after_ms && found.getTime() <= now_ms ? found.getTime() : null;
    }
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
