/**
 * Runs workers in this process, beside any number of others on the same database.
 *
 * It looks every few seconds, or when told to: says that it lives, ends what lost its node, makes the runs whose time
 * has come, and takes those that are for it. What happens to a worker happens on its board, under a lock.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Clock, isoTime } from '../clock.ts';
import { LOCAL_ORG_ID, type Scope } from '../identity/scope.ts';
import { ActiveRun } from './active-run.ts';
import type { RunOutcome, RunRecord } from './board.ts';
import type { WorkerDefinition } from './worker.ts';
import type { WorkerObserver, WorkerRunEnd } from './worker-observer.ts';
import { boardNode, type NodeRecord, type WorkerStore } from './worker-store.ts';

/** Between looks at most. */
const LOOK_EVERY_MS = 5000;
/** Who acts when nobody asked. */
const SUPERVISOR = 'supervisor';
/** How often the end of a run is told while the database is away; then its lease runs out. */
const END_ATTEMPTS = 5;
const END_RETRY_MS = 1000;

export interface SupervisorDeps {
  store: WorkerStore;
  definitions: readonly WorkerDefinition[];
  node: Pick<NodeRecord, 'node_id' | 'name' | 'kind' | 'shard'>;
  /** Those it works for. */
  organisations(): Iterable<string>;
  /** Makes sure that the database knows the organisation. */
  ensureOrganisation(scope: Scope): Promise<void>;
  /** No other process can be on the database. */
  alone: boolean;
  lease_ms: number;
  /** Runs at a time. */
  concurrency: number;
  clock: Clock;
  logger: Logger;
  observer?: WorkerObserver | undefined;
}

export class Supervisor {
  readonly #deps: SupervisorDeps;
  readonly #node: Omit<NodeRecord, 'heartbeat_at' | 'live'>;
  readonly #active = new Map<string, { run: ActiveRun; ended: Promise<void> }>();
  /** Organisations that know this node, and when it was last said there that it lives. */
  readonly #beats = new Map<string, number>();
  readonly #stop = new AbortController();
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  #failing = false;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
    const workers = deps.definitions.map(({ name }) => name);
    this.#node = { ...deps.node, workers, started_at: isoTime(deps.clock.now()) };
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Something may be to do: it looks now. */
  poke(): void {
    this.#wake.resolve();
  }

  /** Ends every run after its step, gives it back, and leaves. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.poke();
    await this.#running;
    for (const { run } of this.#active.values()) run.end('stopped');
    await Promise.all([...this.#active.values()].map(({ ended }) => ended));
    for (const org_id of this.#beats.keys()) await this.#leave(org_id);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const look_every_ms = Math.min(LOOK_EVERY_MS, this.#deps.lease_ms / 3);
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers<void>();
      await this.#lookEverywhere();
      if (signal.aborted) return;
      const waiting = new AbortController();
      await Promise.race([
        wait(look_every_ms, undefined, { signal: waiting.signal }).catch(() => {}),
        this.#wake.promise,
      ]);
      waiting.abort();
    }
  }

  async #lookEverywhere(): Promise<void> {
    try {
      for (const org_id of new Set(this.#deps.organisations())) {
        if (this.#stop.signal.aborted) return;
        await this.#look({ org_id, actor: SUPERVISOR });
      }
      if (this.#failing) this.#deps.logger.info('workers are looked after again');
      this.#failing = false;
    } catch (error) {
      // Told once: a database that is away is told of elsewhere too.
      if (!this.#failing)
        this.#deps.logger.warn({ err: error }, 'workers could not be looked after; it is tried again');
      this.#failing = true;
    }
  }

  async #look(scope: Scope): Promise<void> {
    const { store } = this.#deps;
    const definitions = this.#definitionsOf(scope);
    if (!this.#beats.has(scope.org_id)) await this.#arrive(scope, definitions);
    else if (this.#isBeatDue(scope)) await this.#beat(scope);
    const overview = await store.overview(scope);
    this.#endLost(scope, overview.runs);
    for (const definition of definitions) {
      const record = overview.workers.find(({ name }) => name === definition.name);
      if (record === undefined) continue;
      const board = store.boardOf(overview, record, rulesOf(definition));
      if (board.hasWorkFor(boardNode({ ...this.#node, heartbeat_at: '', live: true }))) {
        await this.#attend(scope, definition);
      }
    }
  }

  async #arrive(scope: Scope, definitions: readonly WorkerDefinition[]): Promise<void> {
    const { store, alone, ensureOrganisation } = this.#deps;
    await ensureOrganisation(scope);
    await store.ensure(scope, definitions);
    if (alone) await store.declareOthersLost(scope, this.#node.node_id);
    await this.#beat(scope);
    for (const definition of definitions) {
      await store.change(scope, definition.name, rulesOf(definition), (board) => board.followConfiguration());
    }
  }

  async #beat(scope: Scope): Promise<void> {
    const workers = this.#definitionsOf(scope).map(({ name }) => name);
    await this.#deps.store.beat(scope, { ...this.#node, workers });
    this.#beats.set(scope.org_id, performance.now());
  }

  /** Three times in a lease, so that one that is late does no harm. */
  #isBeatDue({ org_id }: Scope): boolean {
    const last_ms = this.#beats.get(org_id) ?? Number.NEGATIVE_INFINITY;
    return performance.now() - last_ms >= this.#deps.lease_ms / 3 - 1;
  }

  #definitionsOf({ org_id }: Scope): WorkerDefinition[] {
    return this.#deps.definitions.filter(({ only_local }) => !only_local || org_id === LOCAL_ORG_ID);
  }

  /** Does what there is to do for a worker, and begins what is for this node. */
  async #attend(scope: Scope, definition: WorkerDefinition): Promise<void> {
    const { store, concurrency } = this.#deps;
    const node = boardNode({ ...this.#node, heartbeat_at: '', live: true });
    const claimed = await store.change(scope, definition.name, rulesOf(definition), (board) => {
      board.expire();
      board.plan();
      return board.claim(node, concurrency - this.#active.size);
    });
    for (const run of claimed ?? []) this.#begin(scope.org_id, definition, run);
  }

  #begin(org_id: string, definition: WorkerDefinition, run: RunRecord): void {
    const { store, clock } = this.#deps;
    const { node_id } = this.#node;
    const scope = { org_id, actor: definition.name };
    const logger = this.#deps.logger.child({ worker: definition.name });
    const active = new ActiveRun({ definition, run: { ...run, node_id }, scope, store, clock, logger });
    const ended = this.#follow(active, definition);
    this.#active.set(run.run_id, { run: active, ended });
  }

  async #follow(active: ActiveRun, definition: WorkerDefinition): Promise<void> {
    const began_ms = performance.now();
    const outcome = await active.outcome();
    const seconds = (performance.now() - began_ms) / 1000;
    this.#deps.observer?.ran(active.worker, endOf(outcome), seconds);
    if (outcome) await this.#end(active, definition, outcome);
    this.#active.delete(active.run_id);
    // There is room for another, and perhaps it is to be tried again.
    this.poke();
  }

  async #end({ run_id, scope }: ActiveRun, definition: WorkerDefinition, outcome: RunOutcome): Promise<void> {
    const { store, logger } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await store.change(scope, definition.name, rulesOf(definition), (board) =>
          board.end(run_id, this.#node.node_id, outcome),
        );
        return;
      } catch (error) {
        if (attempt === END_ATTEMPTS || this.#stop.signal.aborted) {
          logger.warn({ err: error, run_id }, 'the end of a run could not be written; its lease runs out');
          return;
        }
        await wait(END_RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
      }
    }
  }

  /** Runs that were cancelled or taken over: nothing they write counts any more. */
  #endLost({ org_id }: Scope, runs: readonly RunRecord[]): void {
    const { node_id } = this.#node;
    const held = new Set(runs.filter((run) => run.node_id === node_id).map(({ run_id }) => run_id));
    for (const { run } of this.#active.values()) {
      if (run.scope.org_id === org_id && !held.has(run.run_id)) run.end('lost');
    }
  }

  async #leave(org_id: string): Promise<void> {
    try {
      await this.#deps.store.leave({ org_id, actor: SUPERVISOR }, this.#node.node_id);
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'this node could not be taken out; its lease runs out');
    }
  }
}

/** Undefined: somebody else has decided about the run. */
function endOf(outcome: RunOutcome | undefined): WorkerRunEnd {
  return outcome === undefined || outcome.kind === 'released' ? 'interrupted' : outcome.kind;
}

export const rulesOf = ({ spread, schedule }: WorkerDefinition) => ({ spread, default_schedule: schedule });
