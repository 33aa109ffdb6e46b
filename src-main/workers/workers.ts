/** The workers as people see and steer them, from any node. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type Outputs,
  type ParsedInputs,
  RECENT_RUNS,
  type Worker,
  type WorkerNode,
  type WorkerRunEntry,
  type WorkerSchedule,
  type WorkersHealth,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, notFound } from '../errors.ts';
import { LOCAL_ORG_ID, type Scope } from '../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../memory/cursor.ts';
import { isConfigName } from '../settings/config-file.ts';
import type { ChangedValue } from '../settings/setting-changes.ts';
import { EVERYBODY, lockSettings, noteChange } from '../settings/setting-rows.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { Board } from './board.ts';
import type { RunRecord, WorkerRecord } from './records.ts';
import { checkSchedule, scheduleKey, scheduleText } from './schedule.ts';
import { assignSlots, SLOTS } from './shards.ts';
import { rulesOf } from './supervisor.ts';
import type { WorkerDefinition } from './worker.ts';
import { dueSince, HOW_TO_RUN, healthOf } from './worker-health.ts';
import { boardNode, type NodeRecord, type Overview, RUN_COLUMNS, type WorkerStore } from './worker-store.ts';

const LOG = 'worker_runs';
const logPosition = z.object({ queued_at: z.iso.datetime(), run_id: z.uuid() });

export interface WorkersDeps {
  database: Database;
  store: WorkerStore;
  definitions: readonly WorkerDefinition[];
  clock: Clock;
  /** Has the supervisor of this process look now. */
  poke: () => void;
}

export interface WatchedWorkers {
  nodes_lost: number;
  workers: {
    name: string;
    /** Runs that failed, ended with their node, or stood still for too long. */
    crashes: number;
    /** Of the last of these. */
    last_error: string | null;
    failures_in_a_row: number;
    /** When a run should begin, or should have begun; null while none is to. */
    due_since: string | null;
  }[];
}

export class Workers {
  readonly #deps: WorkersDeps;

  constructor(deps: WorkersDeps) {
    this.#deps = deps;
  }

  async list(scope: Scope): Promise<Outputs['workers']['list']> {
    const overview = await this.#deps.store.overview(scope);
    const definitions = this.#definitionsOf(scope);
    const recent = await this.#recentRuns(
      scope,
      definitions.map(({ name }) => name),
    );
    return { items: definitions.map((definition) => this.#present(scope, definition, overview, recent)) };
  }

  async get(scope: Scope, name: string): Promise<Worker> {
    const definition = this.#find(scope, name);
    const overview = await this.#deps.store.overview(scope);
    return this.#present(scope, definition, overview, await this.#recentRuns(scope, [name]));
  }

  async runs(scope: Scope, input: ParsedInputs['workers']['runs']): Promise<Outputs['workers']['runs']> {
    const { name } = this.#find(scope, input.worker);
    const after = input.cursor === undefined ? undefined : decodeCursor(LOG, input.cursor, logPosition);
    const rows = await this.#deps.database.withScope(scope, (tx) =>
      tx.sql<RunRecord>(
        `SELECT ${RUN_COLUMNS} FROM archon_worker_runs
         WHERE org_id = $1 AND worker = $2 AND ($3::timestamptz IS NULL OR (queued_at, run_id) < ($3, $4::uuid))
         ORDER BY queued_at DESC, run_id DESC LIMIT $5`,
        [scope.org_id, name, after?.queued_at ?? null, after?.run_id ?? null, input.limit + 1],
      ),
    );
    const page = rows.slice(0, input.limit);
    const last = page.at(-1);
    const next_cursor =
      rows.length > page.length && last ? encodeCursor(LOG, { queued_at: last.queued_at, run_id: last.run_id }) : null;
    return { items: page.map(presentRun), next_cursor };
  }

  /** @throws ArchonError CONFLICT when it is running already */
  async runNow(scope: Scope, name: string): Promise<Worker> {
    return await this.#steer(scope, name, (board) => {
      if (board.runNow(scope.actor)) return;
      if (board.active.length === 0) {
        throw new ArchonError('CONFLICT', `No live node can run the worker ${name}: ${HOW_TO_RUN}.`);
      }
      throw new ArchonError('CONFLICT', `The worker ${name} is running already: wait for its end, or cancel it.`);
    });
  }

  async pause(scope: Scope, name: string): Promise<Worker> {
    return await this.#steer(scope, name, (board) => board.pause(scope.actor));
  }

  async resume(scope: Scope, name: string): Promise<Worker> {
    return await this.#steer(scope, name, (board) => board.resume(scope.actor));
  }

  async restart(scope: Scope, name: string): Promise<Worker> {
    return await this.#steer(scope, name, (board) => board.restart(scope.actor));
  }

  async cancel(scope: Scope, name: string): Promise<Worker> {
    return await this.#steer(scope, name, (board) => board.cancel());
  }

  /** @throws ArchonError VALIDATION_FAILED for a cron expression that is none */
  async setSchedule(scope: Scope, { worker, schedule }: ParsedInputs['workers']['setSchedule']): Promise<Worker> {
    if (schedule) checkSchedule(schedule);
    await this.makeKnown(scope, worker);
    await this.#deps.database.withScope(scope, async (tx) => {
      await lockSettings(tx, scope);
      const changed = await this.writeSchedule(tx, scope, worker, schedule);
      const told = new Set(changed.map(({ key }) => key));
      await noteChange(tx, scope, { user_id: EVERYBODY, changed, told, now: isoTime(this.#deps.clock.now()) });
    });
    this.poke();
    return await this.get(scope, worker);
  }

  /** Has the organisation know a worker, so that it can be steered. */
  async makeKnown(scope: Scope, name: string): Promise<void> {
    await this.#deps.store.ensure(scope, [this.#find(scope, name)]);
  }

  /** Sets a schedule within a transaction of settings. @returns what is not as it was before */
  async writeSchedule(
    tx: Transaction,
    scope: Scope,
    name: string,
    schedule: WorkerSchedule | null,
  ): Promise<ChangedValue[]> {
    const rules = rulesOf(scope, this.#find(scope, name));
    const before = await this.#deps.store.changeWithin(tx, scope, name, rules, (board) => {
      const was = board.worker.schedule;
      board.setSchedule(schedule);
      return was;
    });
    const key = scheduleKey(name);
    if (!isConfigName(key) || isDeepStrictEqual(before, schedule)) return [];
    return [{ key, before: before ? scheduleText(before) : null, after: schedule && scheduleText(schedule) }];
  }

  /** Has the supervisor of this process look now. */
  poke(): void {
    this.#deps.poke();
  }

  async nodes(scope: Scope): Promise<Outputs['workers']['nodes']> {
    const { nodes, runs } = await this.#deps.store.overview(scope);
    const owners = assignSlots(nodes.filter(({ live }) => live).map(boardNode));
    return { items: nodes.map((node) => presentNode(node, owners, runs)) };
  }

  async health(scope: Scope): Promise<WorkersHealth> {
    const overview = await this.#deps.store.overview(scope);
    const definitions = this.#definitionsOf(scope);
    const workers = definitions.map((definition) => {
      const { state, active } = this.#board(scope, definition, overview);
      const { name } = definition;
      return { name, state, nodes: nodesOf(overview, name).length, begun: active.some(isRunning) };
    });
    return healthOf(overview.nodes, workers, isoTime(this.#deps.clock.now()));
  }

  /** What the ops agent watches. */
  async watch(scope: Scope, { crashed_since }: { crashed_since: string }): Promise<WatchedWorkers> {
    const { store } = this.#deps;
    const definitions = this.#definitionsOf(scope);
    const names = definitions.map(({ name }) => name);
    const [overview, crashes] = await Promise.all([store.overview(scope), store.crashes(scope, names, crashed_since)]);
    return {
      nodes_lost: overview.nodes.filter(({ live }) => !live).length,
      workers: definitions.map((definition) => {
        const { name } = definition;
        const { state, active, worker } = this.#board(scope, definition, overview);
        return {
          name,
          crashes: crashes.get(name)?.runs ?? 0,
          last_error: crashes.get(name)?.error ?? null,
          failures_in_a_row: worker.failures,
          due_since: dueSince(state, active.some(isRunning)) ?? null,
        };
      }),
    };
  }

  async #steer(scope: Scope, name: string, change: (board: Board) => void): Promise<Worker> {
    const definition = this.#find(scope, name);
    const { store, poke } = this.#deps;
    await store.ensure(scope, [definition]);
    await store.change(scope, name, rulesOf(scope, definition), change);
    poke();
    return await this.get(scope, name);
  }

  #definitionsOf({ org_id }: Scope): WorkerDefinition[] {
    return this.#deps.definitions.filter(({ only_local }) => !only_local || org_id === LOCAL_ORG_ID);
  }

  #find(scope: Scope, name: string): WorkerDefinition {
    const definition = this.#definitionsOf(scope).find((each) => each.name === name);
    if (definition === undefined) throw notFound('worker', name);
    return definition;
  }

  #board(scope: Scope, definition: WorkerDefinition, overview: Overview): Board {
    const record = overview.workers.find(({ name }) => name === definition.name) ?? unknownYet(scope, definition);
    return this.#deps.store.boardOf(overview, record, rulesOf(scope, definition));
  }

  #present(scope: Scope, definition: WorkerDefinition, overview: Overview, recent: readonly RunRecord[]): Worker {
    const { name, title, description, timeout_ms } = definition;
    const board = this.#board(scope, definition, overview);
    const ended = recent.filter((run) => run.worker === name).map(presentRun);
    const { worker } = board;
    return {
      name,
      title,
      description,
      state: board.state,
      schedule: board.schedule,
      schedule_source: worker.schedule === null ? 'default' : 'operator',
      default_schedule: definition.schedule(scope),
      next_run_at: worker.condition.kind === 'paused' ? null : worker.next_run_at,
      last_run: ended.at(-1) ?? null,
      recent_runs: ended,
      active_runs: board.active.map(presentRun),
      counts: {
        runs: worker.runs_total,
        failures: worker.failures_total,
        failures_in_a_row: worker.failures,
        crashes: worker.crashes_total,
      },
      timeout_ms,
      nodes: nodesOf(overview, name),
    };
  }

  /** The last that ended, of each worker, oldest first. */
  async #recentRuns(scope: Scope, names: readonly string[]): Promise<RunRecord[]> {
    const rows = await this.#deps.database.withScope(scope, (tx) =>
      tx.sql<RunRecord>(
        `SELECT recent.* FROM unnest($2::text[]) AS wanted (name), LATERAL (
           SELECT ${RUN_COLUMNS} FROM archon_worker_runs AS run
           WHERE run.org_id = $1 AND run.worker = wanted.name AND ended_at IS NOT NULL AND started_at IS NOT NULL
           ORDER BY ended_at DESC, run_id DESC LIMIT ${RECENT_RUNS}
         ) AS recent`,
        [scope.org_id, names],
      ),
    );
    return rows.reverse();
  }
}

const isRunning = ({ status }: RunRecord): boolean => status === 'running';

/** Ids of the live nodes that have a worker. */
const nodesOf = ({ nodes }: Overview, worker: string): string[] =>
  nodes.filter((node) => node.live && node.workers.includes(worker)).map(({ node_id }) => node_id);

/** How a worker is that no node has made known to the organisation. */
const unknownYet = (scope: Scope, { name, schedule }: WorkerDefinition): WorkerRecord => ({
  name,
  schedule: null,
  planned_by: schedule(scope),
  next_run_at: null,
  condition: { kind: 'in_service' },
  failures: 0,
  error: null,
  runs_total: 0,
  failures_total: 0,
  crashes_total: 0,
});

function presentRun(run: RunRecord): WorkerRunEntry {
  const { started_at, ended_at } = run;
  return {
    run_id: run.run_id,
    worker: run.worker,
    trigger: run.trigger,
    requested_by: run.requested_by,
    status: run.status,
    shard: run.shard,
    node_id: run.node_id,
    node_name: run.node_name,
    attempt: run.attempt,
    resumes: run.resumes,
    queued_at: run.queued_at,
    started_at,
    ended_at,
    duration_ms: started_at && ended_at ? Math.max(0, Date.parse(ended_at) - Date.parse(started_at)) : null,
    items: run.items,
    changed: run.changed,
    error: run.error,
  };
}

function presentNode(node: NodeRecord, owners: readonly (string | null)[], runs: readonly RunRecord[]): WorkerNode {
  return {
    node_id: node.node_id,
    name: node.name,
    kind: node.kind,
    status: node.live ? 'live' : 'lost',
    shard: node.shard,
    share: owners.filter((owner) => owner === node.node_id).length / SLOTS,
    workers: node.workers,
    running: runs.filter((run) => run.status === 'running' && run.node_id === node.node_id).length,
    started_at: node.started_at,
    heartbeat_at: node.heartbeat_at,
  };
}
