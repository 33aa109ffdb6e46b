/** When a report is due, and which time it is of. */
import type { WorkerSchedule } from '../../../src-contract/index.ts';
import { lastRun, nextRun, parseSchedule } from '../../workers/schedule.ts';
import type { Period } from './period.ts';

/** Rounds are kept for a few days more; what is longer ago is told by earlier reports. */
const LONGEST_MS = 7 * 86_400_000;

/**
 * The schedule in the time zone of the report; one that names a time zone itself keeps it. What cannot be read is never
 * due: the settings refuse it.
 */
export function reportSchedule(text: string, time_zone: string): WorkerSchedule {
  const schedule = parseSchedule(text) ?? { kind: 'manual' };
  return schedule.kind === 'cron' && !text.startsWith('CRON_TZ=') ? { ...schedule, time_zone } : schedule;
}

/**
 * The time of the report that should have been made by now: from the last one up to the last time the schedule names. A
 * computer that was off at that time makes it later, of the same time; one that was off for days makes one for all of
 * them.
 *
 * @param reported_ms up to when reports were made; before the first one, since when anything is recorded
 */
export function duePeriod(schedule: WorkerSchedule, reported_ms: number, now_ms: number): Period | undefined {
  const to_ms = lastRun(schedule, reported_ms, now_ms);
  if (to_ms === null) return undefined;
  return { from_ms: Math.max(reported_ms, to_ms - LONGEST_MS), to_ms };
}

/** When the next one is made by itself. */
export function nextReport(schedule: WorkerSchedule, reported_ms: number, now_ms: number): number | null {
  if (schedule.kind === 'interval') return Math.max(nextRun(schedule, reported_ms) ?? now_ms, now_ms);
  return nextRun(schedule, now_ms);
}
