/**
 * Schedules of workers as settings. What was set is with the worker itself, where its next run is planned by it; a
 * schedule is not in `archon_settings` as well.
 */
import type { WorkerSchedule } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { Transaction } from '../storage/database.ts';
import { parseSchedule, scheduleKey, scheduleText } from '../workers/schedule.ts';
import { isConfigName } from './config-file.ts';
import type { ConfigName } from './config-schema.ts';
import { EVERYBODY, type SettingRow } from './setting-rows.ts';

const KEY = /^workers\.([a-z_]+)_schedule$/;

/** The worker whose schedule a setting is. */
export const workerOf = (key: ConfigName): string | undefined => KEY.exec(key)?.[1]?.replaceAll('_', '-');

/** @param value what was checked to be a schedule, or null */
export function scheduleOf(value: unknown): WorkerSchedule | null {
  return typeof value === 'string' ? (parseSchedule(value) ?? null) : null;
}

/** What was set of schedules, in the form of rows. */
export async function readSchedules(tx: Transaction, { org_id }: Scope): Promise<SettingRow[]> {
  const rows = await tx.sql<{ name: string; schedule: WorkerSchedule }>(
    'SELECT name, schedule FROM archon_workers WHERE org_id = $1 AND schedule IS NOT NULL ORDER BY name',
    [org_id],
  );
  return rows
    .map(({ name, schedule }) => ({ user_id: EVERYBODY, key: scheduleKey(name), value: scheduleText(schedule) }))
    .filter(({ key }) => isConfigName(key));
}
