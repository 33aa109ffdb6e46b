/**
 * Removes what has run out: expired working memories, deleted memories past their time, old events, idempotency keys.
 *
 * Scores need no upkeep: relevance and importance are computed from their age when they are read.
 */
import { isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import { forgetOldKeys } from '../../memory/idempotency.ts';
import { longTermTable, workingTable } from '../../memory/memory-table.ts';
import type { Transaction } from '../../storage/database.ts';
import type { WorkerDefinition } from '../worker.ts';
import { BATCH, inBatches } from './in-batches.ts';

const DAY_MS = 86_400_000;

export interface KeptDays {
  /** Days for which an expired working memory can still be listed. */
  expired_days: number;
  /** Days for which a deleted memory can be restored. */
  tombstone_days: number;
  /** Days for which events are kept. */
  events_days: number;
}

export interface CleanupDeps {
  schedule: WorkerDefinition['schedule'];
  kept(scope: Scope): KeptDays;
  /** The smallest id of the event log that somebody has not got yet; null when everybody has everything. */
  eventsNeededFrom: (tx: Transaction, scope: Scope) => Promise<number | null>;
}

export function cleanupWorker(deps: CleanupDeps): WorkerDefinition {
  return {
    name: 'cleanup',
    title: 'Cleanup',
    description:
      'Removes expired working memories, deleted memories that can no longer be restored with all their history, old events, and idempotency keys that no longer count.',
    spread: 'once',
    schedule: deps.schedule,
    timeout_ms: 120_000,
    run: async (context) => {
      const { scope, clock } = context;
      const { expired_days, tombstone_days, events_days } = deps.kept(scope);
      const before = (days: number) => isoTime(clock.now() - days * DAY_MS);
      await inBatches(context, (tx) => purge(tx, scope, workingTable.name, 'expires_at', before(expired_days)));
      for (const { name } of [workingTable, longTermTable]) {
        await inBatches(context, (tx) => purge(tx, scope, name, 'deleted_at', before(tombstone_days)));
      }
      await inBatches(context, (tx) => forgetEvents(tx, deps, scope, before(events_days)));
      await inBatches(context, (tx) => forgetOldKeys(tx, scope, clock.now(), BATCH));
    },
  };
}

/** Memories whose time is over since `before`, with their revisions and links: nothing of them is left. */
async function purge(
  tx: Transaction,
  scope: Scope,
  table: string,
  over: 'expires_at' | 'deleted_at',
  before: string,
): Promise<number> {
  const gone = await tx.sql<{ id: string }>(
    `WITH old AS MATERIALIZED (
       SELECT id FROM ${table} WHERE org_id = $1 AND ${over} < $2 ORDER BY ${over} LIMIT ${BATCH}
     )
     SELECT id FROM ${table} WHERE org_id = $1 AND id IN (SELECT id FROM old) AND ${over} < $2 ORDER BY id FOR UPDATE`,
    [scope.org_id, before],
  );
  if (gone.length === 0) return 0;
  const ids = [scope.org_id, gone.map(({ id }) => id)];
  await Promise.all([
    tx.sql('DELETE FROM archon_memory_revisions WHERE org_id = $1 AND memory_id = ANY ($2::uuid[])', ids),
    tx.sql('DELETE FROM archon_memory_links WHERE org_id = $1 AND from_id = ANY ($2::uuid[])', ids),
    tx.sql('DELETE FROM archon_memory_links WHERE org_id = $1 AND to_id = ANY ($2::uuid[])', ids),
    tx.sql(`DELETE FROM ${table} WHERE org_id = $1 AND id = ANY ($2::uuid[])`, ids),
  ]);
  return gone.length;
}

async function forgetEvents(tx: Transaction, deps: CleanupDeps, scope: Scope, before: string): Promise<number> {
  const needed_from = await deps.eventsNeededFrom(tx, scope);
  const [row] = await tx.sql<{ forgotten: number }>(`SELECT archon_forget_events($1, $2, ${BATCH}) AS forgotten`, [
    before,
    needed_from,
  ]);
  return row?.forgotten ?? 0;
}
