/** Settings of an organisation and of its users as rows of `archon_settings`, and who changed them. */
import { isDeepStrictEqual } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { HINT_CHANNEL, toPayload } from '../events/event-hint.ts';
import { recordEvents } from '../events/event-log.ts';
import type { Scope } from '../identity/scope.ts';
import type { Transaction } from '../storage/database.ts';
import type { ConfigName } from './config-schema.ts';
import { type ChangedValue, type HistoryRecord, historyRecord, KEPT_CHANGES, toldChanges } from './setting-changes.ts';

/** The user id of rows that hold for all users. */
export const EVERYBODY = '';

export const settingRows = z.array(z.object({ user_id: z.string(), key: z.string(), value: z.unknown() }));
export type SettingRow = z.infer<typeof settingRows>[number];

/** One change at a time: what it was made on is still there when it is written. */
export async function lockSettings(tx: Transaction, { org_id }: Scope): Promise<void> {
  await tx.sql("SELECT pg_advisory_xact_lock(hashtextextended('archon settings ' || $1, 0))", [org_id]);
}

export async function readRows(tx: Transaction, { org_id }: Scope, user_ids: readonly string[]): Promise<SettingRow[]> {
  return await tx.sql<SettingRow>(
    'SELECT user_id, key, value FROM archon_settings WHERE org_id = $1 AND user_id = ANY ($2) ORDER BY user_id, key',
    [org_id, user_ids],
  );
}

/**
 * Sets rows, or removes them where the value is null. Whoever calls it has locked the settings.
 *
 * @returns what is not as it was before
 */
export async function writeRows(
  tx: Transaction,
  { org_id }: Scope,
  user_id: string,
  changes: readonly (readonly [key: ConfigName, value: unknown])[],
  now: string,
): Promise<ChangedValue[]> {
  const keys = changes.map(([key]) => key);
  const rows = await tx.sql<{ key: string; value: unknown }>(
    'SELECT key, value FROM archon_settings WHERE org_id = $1 AND user_id = $2 AND key = ANY ($3)',
    [org_id, user_id, keys],
  );
  const own = new Map(rows.map(({ key, value }) => [key, value]));
  const changed = changes
    .map(([key, after]) => ({ key, before: own.get(key) ?? null, after }))
    .filter(({ before, after }) => !isDeepStrictEqual(before, after));
  for (const { key, after } of changed) {
    if (after === null) {
      await tx.sql('DELETE FROM archon_settings WHERE org_id = $1 AND user_id = $2 AND key = $3', [
        org_id,
        user_id,
        key,
      ]);
    } else {
      await tx.sql(
        `INSERT INTO archon_settings (org_id, user_id, key, value, updated_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (org_id, user_id, key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
        [org_id, user_id, key, JSON.stringify(after), now],
      );
    }
  }
  return changed;
}

/** What belongs to a change: its event, its entry in the history, and that the other nodes hear of it. */
export async function noteChange(
  tx: Transaction,
  scope: Scope,
  { user_id, changed, undoes, now, told }: NotedChange,
): Promise<void> {
  if (changed.length === 0) return;
  const keys = changed.map(({ key }) => key).filter((key) => !told?.has(key));
  const event = {
    type: 'settings.changed',
    user_id: user_id === EVERYBODY ? null : user_id,
    payload: { keys },
  } as const;
  if (keys.length > 0) await tx.run(recordEvents(scope, [event]));
  await tx.sql(
    `INSERT INTO archon_settings_history (org_id, id, at, by_whom, user_id, changes, undoes)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [scope.org_id, uuidv7(), now, scope.actor, user_id, JSON.stringify(toldChanges(changed)), undoes ?? null],
  );
  await tx.sql(
    `DELETE FROM archon_settings_history WHERE org_id = $1 AND id IN (
       SELECT id FROM archon_settings_history WHERE org_id = $1 ORDER BY at DESC, id DESC OFFSET ${KEPT_CHANGES})`,
    [scope.org_id],
  );
  await tellOfSettings(tx, scope);
}

export interface NotedChange {
  user_id: string;
  changed: readonly ChangedValue[];
  undoes?: string | undefined;
  now: string;
  /** Keys whose event was recorded already. */
  told?: ReadonlySet<string>;
}

/** Tells the other nodes, once the transaction is committed. */
export async function tellOfSettings(tx: Transaction, { org_id }: Scope): Promise<void> {
  await tx.sql('SELECT pg_notify($1, $2)', [HINT_CHANNEL, toPayload({ kind: 'settings', org_id })]);
}

const HISTORY_COLUMNS = `id, at, by_whom, user_id, changes, undoes,
  (SELECT later.id FROM archon_settings_history AS later
   WHERE later.org_id = entry.org_id AND later.undoes = entry.id ORDER BY later.at DESC LIMIT 1) AS undone_by`;

/** Entries of the history, newest first. */
export async function readHistory(
  tx: Transaction,
  { org_id }: Scope,
  { key, after, limit }: { key?: string | undefined; after?: { at: string; id: string } | undefined; limit: number },
): Promise<HistoryRecord[]> {
  const rows = await tx.sql(
    `SELECT ${HISTORY_COLUMNS} FROM archon_settings_history AS entry
     WHERE org_id = $1 AND ($2::text IS NULL OR changes @> jsonb_build_array(jsonb_build_object('key', $2::text)))
       AND ($3::timestamptz IS NULL OR (at, id) < ($3, $4::uuid))
     ORDER BY at DESC, id DESC LIMIT $5`,
    [org_id, key ?? null, after?.at ?? null, after?.id ?? null, limit],
  );
  return rows.map((row) => historyRecord.parse(row));
}

export async function readHistoryEntry(
  tx: Transaction,
  { org_id }: Scope,
  id: string,
): Promise<HistoryRecord | undefined> {
  const [row] = await tx.sql(
    `SELECT ${HISTORY_COLUMNS} FROM archon_settings_history AS entry WHERE org_id = $1 AND id = $2`,
    [org_id, id],
  );
  return row === undefined ? undefined : historyRecord.parse(row);
}

export async function eraseHistory(tx: Transaction, { org_id }: Scope, user_id: string): Promise<void> {
  await tx.sql('DELETE FROM archon_settings_history WHERE org_id = $1 AND user_id = $2', [org_id, user_id]);
}

/** A value that was encrypted, as it is in a row. */
export const sealedValue = z.strictObject({ sealed: z.string() });
