/** Keeps logs bounded: the runs of workers, nodes that are gone, and what other parts of the engine hand in. */
import type { Scope } from '../../identity/scope.ts';
import type { Transaction } from '../../storage/database.ts';
import type { WorkerDefinition } from '../worker.ts';
import { BATCH, inBatches } from './in-batches.ts';

/** Something that grows, such as samples of metrics or alerts that are over. */
export interface Retained {
  /** Removes what is too old, at most `limit`; how many. */
  prune(scope: Scope, now_ms: number, limit: number): Promise<number>;
}

export interface RetentionDeps {
  schedule: WorkerDefinition['schedule'];
  /** Runs kept of each worker. */
  runs_kept(scope: Scope): number;
  retained: readonly Retained[];
}

export function retentionWorker(deps: RetentionDeps): WorkerDefinition {
  return {
    name: 'retention',
    title: 'Retention',
    description: 'Keeps logs bounded: the runs of workers, and nodes that were not heard of for a day.',
    spread: 'once',
    schedule: deps.schedule,
    timeout_ms: 120_000,
    run: async (context) => {
      const { scope, clock, progress } = context;
      await inBatches(context, (tx) => forgetRuns(tx, scope, deps.runs_kept(scope)));
      await inBatches(context, (tx) => forgetNodes(tx, scope));
      for (const store of deps.retained) {
        for (let removed = BATCH; removed >= BATCH; ) {
          removed = await store.prune(scope, clock.now(), BATCH);
          await progress({ items: removed, changed: removed });
        }
      }
    },
  };
}

async function forgetRuns(tx: Transaction, scope: Scope, kept: number): Promise<number> {
  const rows = await tx.sql(
    `DELETE FROM archon_worker_runs WHERE org_id = $1 AND run_id IN (
       SELECT run_id FROM (
         SELECT run_id, row_number() OVER (PARTITION BY worker ORDER BY ended_at DESC, run_id DESC) AS place
         FROM archon_worker_runs WHERE org_id = $1 AND ended_at IS NOT NULL
       ) AS placed WHERE place > $2 LIMIT ${BATCH}
     ) RETURNING run_id`,
    [scope.org_id, kept],
  );
  return rows.length;
}

async function forgetNodes(tx: Transaction, scope: Scope): Promise<number> {
  const rows = await tx.sql(
    `DELETE FROM archon_worker_nodes
     WHERE org_id = $1 AND lease_until < clock_timestamp() - interval '1 day' RETURNING node_id`,
    [scope.org_id],
  );
  return rows.length;
}
