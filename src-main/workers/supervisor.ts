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
import { type BoardNode, RELEASED, type RunOutcome, type RunRecord } from './records.ts';
import type { WorkerDefinition } from './worker.ts';
import type { WorkerObserver, WorkerRunEnd } from './worker-observer.ts';
import { boardNode, type NodeRecord, type Overview, type WorkerStore } from './worker-store.ts';

/** Between looks at most. */
const LOOK_EVERY_MS = 5000;
/** Who acts when nobody asked. */
const SUPERVISOR = 'supervisor';
/** Between attempts to write the end of a run while the database is away. */
const END_RETRY_MS = 1000;
/** What a stop may take: less than the 30 s after which those who start processes kill them. */
const DRAIN_MS = 20_000;

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
  lease_ms(): number;
  /** Runs at a time. */
  concurrency(): number;
  /** Milliseconds that a stop waits for the runs and the database at most. */
  drain_ms?: number;
  clock: Clock;
  logger: Logger;
  observer?: WorkerObserver | undefined;
}

export class Supervisor {
  readonly #deps: SupervisorDeps;
  readonly #node: Omit<NodeRecord, 'heartbeat_at' | 'live'>;
  readonly #active = new Map<string, { run: ActiveRun; ended: Promise<void> }>();
  /** Organisations that know this node, when it was last said there that it lives, and for how long that holds. */
  readonly #beats = new Map<string, { at_ms: number; lease_ms: number }>();
  /** Organisations whose next times are those of the schedules that are set. */
  readonly #followed = new Set<string>();
  readonly #stop = new AbortController();
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  /** What cannot be looked after, by what is told of it. */
  readonly #failing = new Set<string>();

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

  /** Settings of workers changed, for one organisation or for all (null): schedules and limits hold at once. */
  settingsChanged(org_id: string | null): void {
    if (org_id === null) this.#followed.clear();
    else this.#followed.delete(org_id);
    this.poke();
  }

  /** Ends every run after its step, gives it back, and leaves. What takes too long is left: its lease runs out. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.poke();
    const late = new AbortController();
    const limit = wait(this.#deps.drain_ms ?? DRAIN_MS, true, { signal: late.signal }).catch(() => false);
    const cut = await Promise.race([this.#drain().then(() => false), limit]);
    late.abort();
    if (cut) this.#deps.logger.warn('workers were not done in time; what they were at is taken up by its lease');
  }

  async #drain(): Promise<void> {
    this.#giveBack();
    await this.#running;
    // Those that were claimed just then.
    this.#giveBack();
    await Promise.all([...this.#active.values()].map(({ ended }) => ended));
    await Promise.all([...this.#beats.keys()].map((org_id) => this.#leave(org_id)));
  }

  #giveBack(): void {
    for (const { run } of this.#active.values()) run.end('stopped');
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#wake = Promise.withResolvers<void>();
      await this.#lookEverywhere();
      if (signal.aborted) return;
      const look_every_ms = Math.min(LOOK_EVERY_MS, this.#deps.lease_ms() / 3);
      const waiting = new AbortController();
      await Promise.race([
        wait(look_every_ms, undefined, { signal: waiting.signal }).catch(() => {}),
        this.#wake.promise,
      ]);
      waiting.abort();
    }
  }

  async #lookEverywhere(): Promise<void> {
    await this.#attempt('the organisations', {}, async () => {
      for (const org_id of new Set(this.#deps.organisations())) {
        if (this.#stop.signal.aborted) return;
        // One that is broken does not keep the others from being looked after.
        await this.#attempt(org_id, { org_id }, () => this.#look({ org_id, actor: SUPERVISOR }));
      }
    });
  }

  /** Told of once, and once when it is well again: a database that is away is told of elsewhere too. */
  async #attempt(what: string, of: Record<string, string>, work: () => Promise<void>): Promise<void> {
    const { logger } = this.#deps;
    try {
      await work();
      if (this.#failing.delete(what)) logger.info(of, 'workers are looked after again');
    } catch (error) {
      if (!this.#failing.has(what))
        logger.warn({ err: error, ...of }, 'workers could not be looked after; it is tried again');
      this.#failing.add(what);
    }
  }

  async #look(scope: Scope): Promise<void> {
    const definitions = this.#definitionsOf(scope);
    if (!this.#beats.has(scope.org_id)) await this.#arrive(scope, definitions);
    else if (this.#isBeatDue(scope)) await this.#beat(scope);
    if (!this.#followed.has(scope.org_id)) await this.#follow(scope, definitions);
    const overview = await this.#overview(scope);
    this.#endLost(scope, overview.runs);
    await this.#giveBackUnknown(scope, overview.runs);
    for (const definition of definitions) {
      const { org_id } = scope;
      const worker = definition.name;
      await this.#attempt(`${org_id} ${worker}`, { org_id, worker }, () => this.#lookAt(scope, definition, overview));
    }
  }

  /** As it is while this node lives: after the sleep of a computer its lease has run out, and nobody may have seen it. */
  async #overview(scope: Scope): Promise<Overview> {
    const { store } = this.#deps;
    const overview = await store.overview(scope);
    if (overview.nodes.some(({ node_id, live }) => node_id === this.#node.node_id && live)) return overview;
    await this.#beat(scope);
    return await store.overview(scope);
  }

  async #lookAt(scope: Scope, definition: WorkerDefinition, overview: Overview): Promise<void> {
    const record = overview.workers.find(({ name }) => name === definition.name);
    if (record === undefined || this.#stop.signal.aborted) return;
    const board = this.#deps.store.boardOf(overview, record, rulesOf(scope, definition));
    if (board.hasWorkFor(this.#boardNode)) await this.#attend(scope, definition);
  }

  get #boardNode(): BoardNode {
    return boardNode({ ...this.#node, heartbeat_at: '', live: true });
  }

  async #arrive(scope: Scope, definitions: readonly WorkerDefinition[]): Promise<void> {
    const { store, alone, ensureOrganisation } = this.#deps;
    await ensureOrganisation(scope);
    await store.ensure(scope, definitions);
    if (alone) await store.declareOthersLost(scope, this.#node.node_id);
    await this.#beat(scope);
  }

  /** Plans anew what was planned by another schedule than the one that is set. */
  async #follow(scope: Scope, definitions: readonly WorkerDefinition[]): Promise<void> {
    // Before, so that a change that comes meanwhile is not taken for done.
    this.#followed.add(scope.org_id);
    try {
      for (const definition of definitions) {
        await this.#deps.store.change(scope, definition.name, rulesOf(scope, definition), (board) =>
          board.followConfiguration(),
        );
      }
    } catch (error) {
      this.#followed.delete(scope.org_id);
      throw error;
    }
  }

  async #beat(scope: Scope): Promise<void> {
    const workers = this.#definitionsOf(scope).map(({ name }) => name);
    const run_ids = [...this.#active.values()].map(({ run }) => run.run_id);
    const lease_ms = this.#deps.lease_ms();
    await this.#deps.store.beat(scope, { ...this.#node, workers }, run_ids);
    this.#beats.set(scope.org_id, { at_ms: performance.now(), lease_ms });
  }

  /** Three times in a lease, so that one that is late does no harm; the lease in force may be longer than the last. */
  #isBeatDue({ org_id }: Scope): boolean {
    const last = this.#beats.get(org_id);
    if (last === undefined) return true;
    return performance.now() - last.at_ms >= Math.min(last.lease_ms, this.#deps.lease_ms()) / 3 - 1;
  }

  #definitionsOf({ org_id }: Scope): WorkerDefinition[] {
    return this.#deps.definitions.filter(({ only_local }) => !only_local || org_id === LOCAL_ORG_ID);
  }

  /** Does what there is to do for a worker, and begins what is for this node. */
  async #attend(scope: Scope, definition: WorkerDefinition): Promise<void> {
    const { store, concurrency } = this.#deps;
    const node = this.#boardNode;
    const claimed = await store.change(scope, definition.name, rulesOf(scope, definition), (board) => {
      board.expire();
      board.plan();
      return board.claim(node, concurrency() - this.#active.size);
    });
    for (const run of claimed ?? []) this.#begin(scope.org_id, definition, run);
  }

  #begin(org_id: string, definition: WorkerDefinition, run: RunRecord): void {
    const { store, clock } = this.#deps;
    const { node_id } = this.#node;
    const scope = { org_id, actor: definition.name };
    const logger = this.#deps.logger.child({ worker: definition.name });
    const active = new ActiveRun({ definition, run: { ...run, node_id }, scope, store, clock, logger });
    const ended = this.#seeThrough(active, definition);
    this.#active.set(run.run_id, { run: active, ended });
  }

  async #seeThrough(active: ActiveRun, definition: WorkerDefinition): Promise<void> {
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
    const { logger } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#write(scope, definition, run_id, outcome);
        return;
      } catch (error) {
        if (attempt === 1) logger.warn({ err: error, run_id }, 'the end of a run could not be written yet');
        if (this.#stop.signal.aborted) return;
        await wait(END_RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => {});
      }
    }
  }

  async #write(scope: Scope, definition: WorkerDefinition, run_id: string, outcome: RunOutcome): Promise<void> {
    const { store } = this.#deps;
    await store.change(scope, definition.name, rulesOf(scope, definition), (board) =>
      board.end(run_id, this.#node.node_id, outcome),
    );
  }

  /** Runs that this node was given without being told so: the answer was lost after it was written. */
  async #giveBackUnknown(scope: Scope, runs: readonly RunRecord[]): Promise<void> {
    const { node_id } = this.#node;
    for (const run of runs) {
      if (run.node_id !== node_id || this.#active.has(run.run_id)) continue;
      const definition = this.#deps.definitions.find(({ name }) => name === run.worker);
      if (definition === undefined) continue;
      await this.#write(scope, definition, run.run_id, { kind: 'released', error: RELEASED.unheard });
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

export const rulesOf = (scope: Scope, definition: WorkerDefinition) => ({
  spread: definition.spread,
  default_schedule: definition.schedule(scope),
});
