/** Schedules as the configuration writes them: `manual`, `15m`, or a cron expression, in UTC or with `CRON_TZ=…` before. */
import type { WorkerSchedule } from '../../../../../src-contract/index.ts';
import { scheduleWords } from '../../../workers/schedule-words.ts';

const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const MAX_SECONDS = 365 * SECONDS.d;

/** @returns undefined for what is none; whether a cron expression means anything the engine knows best */
function scheduleOf(text: string): WorkerSchedule | undefined {
  const [, count, unit] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  if (text === 'manual') return { kind: 'manual' };
  if (count !== undefined) {
    const seconds = Number(count) * (SECONDS[unit as keyof typeof SECONDS] ?? 1);
    return seconds <= MAX_SECONDS ? { kind: 'interval', seconds } : undefined;
  }
  const [, time_zone = 'UTC', expression = ''] = /^(?:CRON_TZ=(\S+)\s+)?(.*)$/s.exec(text) ?? [];
  const fields = expression.split(/\s+/).length;
  return fields === 5 || fields === 6 ? { kind: 'cron', expression, time_zone } : undefined;
}

export const isSchedule = (text: string): boolean => scheduleOf(text.trim()) !== undefined;

/** `every 15 minutes`; undefined for what is no schedule. */
export function scheduleTextWords(text: string): string | undefined {
  const schedule = scheduleOf(text.trim());
  return schedule === undefined ? undefined : scheduleWords(schedule);
}
