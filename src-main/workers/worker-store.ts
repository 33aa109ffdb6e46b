/** Workers, their runs and their nodes in PostgreSQL: read without locks, changed one board at a time under one. */
import { v7 as uuidv7 } from 'uuid';
import type { NewEvent, WorkerNode, WorkerSchedule } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { recordEvents } from '../events/event-log.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database, Transaction } from '../storage/database.ts';
import { Board, type BoardRules } from './board.ts';
import { type BoardNode, RELEASED, type RunRecord, type WorkerRecord } from './records.ts';
import { nextRun } from './schedule.ts';
import { parseShard } from './shards.ts';
import type { Progress, WorkerDefinition } from './worker.ts';
import type { WorkerObserver } from './worker-observer.ts';

const WORKER_COLUMNS =
  'name, schedule, planned_by, next_run_at, condition, failures, error, runs_total, failures_total, crashes_total';
export const RUN_COLUMNS = `run_id, worker, trigger, requested_by, status, shard, slots, attempt, resumes, not_before,
  preferred_node, pinned, node_id, node_name, coalesce(lease_until < clock_timestamp(), false) AS lease_expired,
  checkpoint, items, changed, queued_at, started_at, ended_at, error`;
const NODE_COLUMNS = `node_id, name, kind, shard, workers, started_at, heartbeat_at,
  lease_until > clock_timestamp() AS live`;

/** Runs of a worker in an hour that are looked at: one every few seconds. */
const COUNTED_RUNS = 1000;

/** A process that runs workers. */
export interface NodeRecord {
  node_id: string;
  name: string;
  kind: WorkerNode['kind'];
  shard: string | null;
  workers: string[];
  started_at: string;
  heartbeat_at: string;
  live: boolean;
}

/** All there is to see of an organisation's workers. */
export interface Overview {
  nodes: NodeRecord[];
  workers: WorkerRecord[];
  /** Queued and running ones, oldest first. */
  runs: RunRecord[];
}

/** The run is not this node's any more: cancelled, or taken for lost. What was being written is rolled back. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError';
  constructor() {
    super('the run is not this node’s any more');
  }
}

export interface WorkerStoreDeps {
  database: Database;
  clock: Clock;
  /** Of runs and heartbeats, in ms. */
  lease_ms(): number;
  observer?: WorkerObserver | undefined;
}

export class WorkerStore {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #lease_ms: () => number;
  readonly #observer: WorkerObserver | undefined;

  constructor({ database, clock, lease_ms, observer }: WorkerStoreDeps) {
    this.#database = database;
    this.#clock = clock;
    this.#lease_ms = lease_ms;
    this.#observer = observer;
  }

  /** Makes known what an organisation does not know yet. A new worker runs at its next time, not at once. */
  async ensure(scope: Scope, definitions: readonly WorkerDefinition[]): Promise<void> {
    const now_ms = this.#clock.now();
    const rows = definitions.map((definition) => {
      const { name } = definition;
      const schedule = definition.schedule(scope);
      const next_ms = nextRun(schedule, now_ms);
      return { name, planned_by: schedule, next_run_at: next_ms === null ? null : isoTime(next_ms) };
    });
    await this.#database.withScope(scope, (tx) =>
      tx.sql(
        `INSERT INTO archon_workers (org_id, name, planned_by, next_run_at)
         SELECT $1, given.name, given.planned_by, given.next_run_at
         FROM jsonb_to_recordset($2::jsonb) AS given (name text, planned_by jsonb, next_run_at timestamptz)
         ORDER BY given.name
         ON CONFLICT (org_id, name) DO NOTHING`,
        [scope.org_id, JSON.stringify(rows)],
      ),
    );
  }

  /** Says that the node lives, and holds on to the runs it is at: those it does not know of run out. */
  async beat(scope: Scope, node: Omit<NodeRecord, 'heartbeat_at' | 'live'>, run_ids: readonly string[]): Promise<void> {
    const lease = 'clock_timestamp() + make_interval(secs => $2::float8 / 1000)';
    await this.#database.withScope(scope, (tx) =>
      Promise.all([
        tx.sql(
          `INSERT INTO archon_worker_nodes
             (org_id, lease_until, node_id, name, kind, shard, workers, started_at, heartbeat_at)
           VALUES ($1, ${lease}, $3, $4, $5, $6, $7, $8, clock_timestamp())
           ON CONFLICT (org_id, node_id)
             DO UPDATE SET heartbeat_at = excluded.heartbeat_at, lease_until = excluded.lease_until`,
          [
            scope.org_id,
            this.#lease_ms(),
            node.node_id,
            node.name,
            node.kind,
            node.shard,
            node.workers,
            node.started_at,
          ],
        ),
        tx.sql(
          // Locked in the order in which a board locks them, so that the two do not deadlock.
          `WITH held AS (
             SELECT run_id FROM archon_worker_runs
             WHERE org_id = $1 AND run_id = ANY ($4::uuid[]) AND node_id = $3 AND status = 'running'
             ORDER BY queued_at, run_id FOR UPDATE
           )
           UPDATE archon_worker_runs AS run SET lease_until = ${lease}
           FROM held WHERE run.org_id = $1 AND run.run_id = held.run_id`,
          [scope.org_id, this.#lease_ms(), node.node_id, run_ids],
        ),
      ]),
    );
  }

  /** Takes the node out: the others share its users from now on. */
  async leave(scope: Scope, node_id: string): Promise<void> {
    await this.#database.withScope(scope, (tx) =>
      tx.sql('DELETE FROM archon_worker_nodes WHERE org_id = $1 AND node_id = $2', [scope.org_id, node_id]),
    );
  }

  /** For a database that no other process can be on: whoever was there before is gone, and its leases with it. */
  async declareOthersLost(scope: Scope, node_id: string): Promise<void> {
    await this.#database.withScope(scope, (tx) =>
      Promise.all([
        tx.sql('DELETE FROM archon_worker_nodes WHERE org_id = $1 AND node_id <> $2', [scope.org_id, node_id]),
        tx.sql(
          `UPDATE archon_worker_runs SET lease_until = '-infinity'
           WHERE org_id = $1 AND ended_at IS NULL AND status = 'running' AND node_id <> $2`,
          [scope.org_id, node_id],
        ),
      ]),
    );
  }

  async overview(scope: Scope): Promise<Overview> {
    const [nodes, workers, runs] = await this.#database.withScope(scope, (tx) =>
      Promise.all([
        readNodes(tx, scope),
        tx.sql<WorkerRecord>(`SELECT ${WORKER_COLUMNS} FROM archon_workers WHERE org_id = $1 ORDER BY name`, [
          scope.org_id,
        ]),
        tx.sql<RunRecord>(
          `SELECT ${RUN_COLUMNS} FROM archon_worker_runs WHERE org_id = $1 AND ended_at IS NULL
           ORDER BY queued_at, run_id`,
          [scope.org_id],
        ),
      ]),
    );
    return { nodes, workers, runs };
  }

  /**
   * Does one thing to a worker's board, alone; what it changed and its events are written with it.
   *
   * @returns what `change` returned, or undefined when the organisation does not know the worker
   */
  async change<T>(
    scope: Scope,
    worker: string,
    rules: BoardRules,
    change: (board: Board) => T,
  ): Promise<T | undefined> {
    const { result, crashes } = await this.#database.withScope(scope, (tx) =>
      this.#changeOn(tx, scope, worker, rules, change),
    );
    for (let i = 0; i < crashes; i += 1) this.#observer?.crashed(worker);
    return result;
  }

  /** The same within a transaction that does more. It is not for what may end a run. */
  async changeWithin<T>(
    tx: Transaction,
    scope: Scope,
    worker: string,
    rules: BoardRules,
    change: (board: Board) => T,
  ): Promise<T | undefined> {
    return (await this.#changeOn(tx, scope, worker, rules, change)).result;
  }

  async #changeOn<T>(
    tx: Transaction,
    scope: Scope,
    worker: string,
    rules: BoardRules,
    change: (board: Board) => T,
  ): Promise<{ result: T | undefined; crashes: number }> {
    // Sent together, run in this order.
    const [[record], runs, nodes] = await Promise.all([
      tx.sql<WorkerRecord>(`SELECT ${WORKER_COLUMNS} FROM archon_workers WHERE org_id = $1 AND name = $2 FOR UPDATE`, [
        scope.org_id,
        worker,
      ]),
      tx.sql<RunRecord>(
        `SELECT ${RUN_COLUMNS} FROM archon_worker_runs WHERE org_id = $1 AND worker = $2 AND ended_at IS NULL
         ORDER BY queued_at, run_id FOR UPDATE`,
        [scope.org_id, worker],
      ),
      readNodes(tx, scope),
    ]);
    if (record === undefined) return { result: undefined, crashes: 0 };
    const board = this.boardOf({ nodes, workers: [record], runs }, record, rules);
    const result = change(board);
    await this.#write(tx, scope, board);
    return { result, crashes: board.events.filter(isCrash).length };
  }

  /** How many of the last runs of each worker ended badly after a time, counted up to a limit, and the error of the last. */
  async crashes(
    scope: Scope,
    workers: readonly string[],
    since: string,
  ): Promise<Map<string, { runs: number; error: string | null }>> {
    const rows = await this.#database.withScope(scope, (tx) =>
      tx.sql<{ name: string; runs: number; error: string | null }>(
        `SELECT wanted.name, ended.* FROM unnest($2::text[]) AS wanted (name), LATERAL (
           SELECT count(*) AS runs, (array_agg(error ORDER BY ended_at DESC))[1] AS error FROM (
             SELECT status, error, ended_at FROM archon_worker_runs AS run
             WHERE run.org_id = $1 AND run.worker = wanted.name AND run.ended_at > $3
             ORDER BY run.ended_at DESC LIMIT ${COUNTED_RUNS}
           ) AS last
           WHERE status IN ('failed', 'timed_out') OR (status = 'interrupted' AND error <> ALL ($4::text[]))
         ) AS ended WHERE ended.runs > 0`,
        [scope.org_id, workers, since, Object.values(RELEASED)],
      ),
    );
    return new Map(rows.map(({ name, runs, error }) => [name, { runs, error }]));
  }

  boardOf({ nodes, runs }: Overview, worker: WorkerRecord, rules: BoardRules): Board {
    return new Board({
      worker,
      runs: runs.filter((run) => run.worker === worker.name),
      nodes: nodes.filter((node) => node.live && node.workers.includes(worker.name)).map(boardNode),
      rules,
      now_ms: this.#clock.now(),
      newId: uuidv7,
    });
  }

  /** One step of a run: its writes and its progress, or neither when the run is not this node's any more. */
  async step(
    scope: Scope,
    run: { run_id: string; node_id: string },
    work: (tx: Transaction) => Promise<Progress>,
  ): Promise<Progress> {
    return await this.#database.withScope(scope, async (tx) => {
      const progress = await work(tx);
      const { items, changed, checkpoint } = progress;
      const held = await tx.sql(
        `UPDATE archon_worker_runs
         SET items = items + $4, changed = changed + $5, checkpoint = coalesce($6::jsonb, checkpoint)
         WHERE org_id = $1 AND run_id = $2 AND node_id = $3 AND status = 'running' RETURNING run_id`,
        [
          scope.org_id,
          run.run_id,
          run.node_id,
          items,
          changed,
          checkpoint === undefined ? null : JSON.stringify(checkpoint),
        ],
      );
      if (held.length === 0) throw new RunLostError();
      return progress;
    });
  }

  async #write(tx: Transaction, scope: Scope, board: Board): Promise<void> {
    const { worker } = board;
    const writes = board.runs.filter((run) => board.changed.has(run)).map((run) => this.#writeRun(tx, scope, run));
    if (board.changed.has(worker)) writes.push(writeWorker(tx, scope, worker));
    if (board.events.length > 0) writes.push(tx.run(recordEvents(scope, board.events)).then(() => {}));
    await Promise.all(writes);
  }

  async #writeRun(tx: Transaction, scope: Scope, run: RunRecord): Promise<void> {
    await tx.sql(
      `INSERT INTO archon_worker_runs AS run (org_id, run_id, worker, trigger, requested_by, status, shard, slots, attempt,
         resumes, not_before, preferred_node, pinned, node_id, node_name, lease_until, checkpoint, items, changed,
         queued_at, started_at, ended_at, error)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
         CASE WHEN $6 = 'running' THEN clock_timestamp() + make_interval(secs => $16::float8 / 1000) END,
         $17, $18, $19, $20, $21, $22, $23)
       ON CONFLICT (org_id, run_id) DO UPDATE SET status = excluded.status, node_id = excluded.node_id,
         node_name = excluded.node_name, lease_until = excluded.lease_until, started_at = excluded.started_at,
         ended_at = excluded.ended_at, error = excluded.error`,
      [
        scope.org_id,
        run.run_id,
        run.worker,
        run.trigger,
        run.requested_by,
        run.status,
        run.shard,
        run.slots,
        run.attempt,
        run.resumes,
        run.not_before,
        run.preferred_node,
        run.pinned,
        run.node_id,
        run.node_name,
        this.#lease_ms(),
        run.checkpoint === null ? null : JSON.stringify(run.checkpoint),
        run.items,
        run.changed,
        run.queued_at,
        run.started_at,
        run.ended_at,
        run.error,
      ],
    );
  }
}

const isCrash = (event: NewEvent): boolean => event.type === 'worker.run.failed' && event.payload.outcome === 'crashed';

async function readNodes(tx: Transaction, scope: Scope): Promise<NodeRecord[]> {
  return await tx.sql<NodeRecord>(
    `SELECT ${NODE_COLUMNS} FROM archon_worker_nodes WHERE org_id = $1 ORDER BY started_at, node_id`,
    [scope.org_id],
  );
}

async function writeWorker(tx: Transaction, scope: Scope, worker: WorkerRecord): Promise<void> {
  const json = (value: WorkerSchedule | WorkerRecord['condition'] | null) =>
    value === null ? null : JSON.stringify(value);
  await tx.sql(
    `UPDATE archon_workers SET schedule = $3, planned_by = $4, next_run_at = $5, condition = $6, failures = $7,
       error = $8, runs_total = $9, failures_total = $10, crashes_total = $11
     WHERE org_id = $1 AND name = $2`,
    [
      scope.org_id,
      worker.name,
      json(worker.schedule),
      json(worker.planned_by),
      worker.next_run_at,
      json(worker.condition),
      worker.failures,
      worker.error,
      worker.runs_total,
      worker.failures_total,
      worker.crashes_total,
    ],
  );
}

export const boardNode = ({ node_id, name, shard }: NodeRecord): BoardNode => ({
  node_id,
  name,
  fixed: shard === null ? null : (parseShard(shard) ?? null),
});
