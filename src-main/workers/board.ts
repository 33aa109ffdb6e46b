/**
 * A worker of an organisation with its runs that are not over: what may happen to it, and what comes of that.
 *
 * No database and no clock of its own: `WorkerStore` reads a board under a lock, has one thing done to it, and writes
 * back what changed. So nodes do the same thing once, and everything here can be tried with any history.
 */
import type {
  EventPayload,
  JsonObject,
  NewEvent,
  WorkerRunEntry,
  WorkerSchedule,
  WorkerState,
} from '../../src-contract/index.ts';
import { isoTime } from '../clock.ts';
import { nextRun } from './schedule.ts';
import { assignSlots, mayServe, type Shard, type ShardNode, SLOTS, shardLabel } from './shards.ts';
import type { Spread } from './worker.ts';

/** After so many failures in a row a worker is out of service: until its next time, or a restart. */
export const MAX_FAILURES = 10;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 300_000;

export type Condition =
  | { kind: 'in_service' }
  | { kind: 'paused'; since: string; by: string }
  | { kind: 'crashed'; since: string; failures: number; error: string };

export interface WorkerRecord {
  name: string;
  /** What an operator set; null for the default. */
  schedule: WorkerSchedule | null;
  /** What `next_run_at` was made from. */
  planned_by: WorkerSchedule;
  next_run_at: string | null;
  condition: Condition;
  /** In a row. */
  failures: number;
  error: string | null;
  runs_total: number;
  failures_total: number;
  crashes_total: number;
}

export interface RunRecord {
  run_id: string;
  worker: string;
  trigger: WorkerRunEntry['trigger'];
  requested_by: string | null;
  status: WorkerRunEntry['status'];
  shard: string | null;
  /** Null: all users. */
  slots: number[] | null;
  attempt: number;
  resumes: string | null;
  not_before: string;
  preferred_node: string | null;
  pinned: boolean;
  node_id: string | null;
  node_name: string | null;
  /** Nobody holds it any more, by the clock of the database. */
  lease_expired: boolean;
  checkpoint: JsonObject | null;
  items: number;
  changed: number;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  error: string | null;
}

/** A live node that has the worker. */
export interface BoardNode extends ShardNode {
  name: string;
}

/** How a run ended, seen from its node. `released`: the node stops and gives it back. */
export type RunOutcome =
  | { kind: 'succeeded' }
  | { kind: 'released' }
  | { kind: 'cancelled' }
  | { kind: 'failed' | 'timed_out'; error: string };

export interface BoardRules {
  spread: Spread;
  default_schedule: WorkerSchedule;
}

export interface BoardSight {
  worker: WorkerRecord;
  /** Queued and running ones. */
  runs: readonly RunRecord[];
  /** Live nodes that have the worker. */
  nodes: readonly BoardNode[];
  rules: BoardRules;
  now_ms: number;
  newId: () => string;
}

type RunEnd = Exclude<WorkerRunEntry['status'], 'queued' | 'running'>;

/** 1 s, doubling, at most 5 min. */
export function backoffMs(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.max(0, failures - 1));
}

export class Board {
  readonly worker: WorkerRecord;
  /** Those that were there and those that were made, ended or not. */
  readonly runs: RunRecord[];
  /** What was changed or made. */
  readonly changed = new Set<WorkerRecord | RunRecord>();
  readonly events: NewEvent[] = [];
  readonly #sight: BoardSight;
  readonly #now: string;

  constructor(sight: BoardSight) {
    this.#sight = sight;
    this.#now = isoTime(sight.now_ms);
    this.worker = { ...sight.worker };
    this.runs = sight.runs.map((run) => ({ ...run }));
  }

  get active(): RunRecord[] {
    return this.runs.filter(isActive);
  }

  get schedule(): WorkerSchedule {
    return this.worker.schedule ?? this.#sight.rules.default_schedule;
  }

  get state(): WorkerState {
    const { condition, next_run_at, failures, error } = this.worker;
    const active = this.active;
    if (condition.kind === 'paused') {
      return { state: 'paused', since: condition.since, by: condition.by, runs: active.length };
    }
    const ready = active.filter((run) => run.status === 'running' || run.not_before <= this.#now);
    if (ready.length > 0) {
      const since = ready.map((run) => run.started_at ?? run.queued_at).reduce(earlier);
      return { state: 'running', since, runs: ready.length };
    }
    if (active.length > 0) {
      const until = active.map((run) => run.not_before).reduce(earlier);
      return { state: 'backing_off', until, failures: Math.max(1, failures), error: error ?? 'unknown' };
    }
    if (condition.kind === 'crashed') {
      return {
        state: 'crashed',
        since: condition.since,
        failures: condition.failures,
        error: condition.error,
        next_run_at,
      };
    }
    return next_run_at === null ? { state: 'idle' } : { state: 'scheduled', next_run_at };
  }

  /** Is there anything for this node to do? Asked without a lock; then it is done under one. */
  hasWorkFor(node: BoardNode): boolean {
    return this.#isDue() || this.active.some((run) => this.#isLost(run) || this.#mayClaim(run, node));
  }

  /** Makes the runs of a time that has come. Parts that are still at the one before are left out. */
  plan(): void {
    if (!this.#isDue()) return;
    this.#moveOn();
    this.#enqueue('schedule', null);
  }

  /** The node takes up to `free` of the runs that wait. */
  claim(node: BoardNode, free: number): RunRecord[] {
    const claimed = this.active.filter((run) => this.#mayClaim(run, node)).slice(0, Math.max(0, free));
    for (const run of claimed) {
      run.status = 'running';
      run.node_id = node.node_id;
      run.node_name = node.name;
      run.started_at = this.#now;
      run.lease_expired = false;
      this.changed.add(run);
      this.events.push({ type: 'worker.run.started', user_id: null, payload: startedPayload(run, node.node_id) });
    }
    return claimed;
  }

  /** Ends the runs whose nodes were not heard of; others go on where they were. */
  expire(): void {
    for (const run of this.active.filter((each) => this.#isLost(each))) {
      const never_ran = run.status === 'queued';
      const error = `the node ${run.node_name ?? run.preferred_node ?? ''} ended in the middle of it`;
      this.#end(run, never_ran ? 'cancelled' : 'interrupted', never_ran ? 'its node is gone' : error);
      if (never_ran) continue;
      this.worker.crashes_total += 1;
      // The node may have been ended for any reason, so the first time is no sign against the worker.
      if (run.attempt === 1) this.#tallyFailure(run, error, 0);
      else this.#tallyFailure(run, error, backoffMs(run.attempt));
    }
  }

  /** @returns false when the run was not this node's any more: somebody else has decided about it */
  end(run_id: string, node_id: string, outcome: RunOutcome): boolean {
    const run = this.active.find((each) => each.run_id === run_id && each.status === 'running');
    if (run?.node_id !== node_id) return false;
    switch (outcome.kind) {
      case 'succeeded':
        this.#end(run, 'succeeded', null);
        this.#tallySuccess();
        break;
      case 'released':
        this.#end(run, 'interrupted', 'its node was stopped');
        if (this.worker.condition.kind !== 'paused' && !run.pinned) this.#resume(run, run.attempt, 0);
        break;
      case 'cancelled':
        this.#end(run, 'cancelled', null);
        break;
      case 'failed':
      case 'timed_out':
        this.#end(run, outcome.kind, outcome.error);
        if (outcome.kind === 'timed_out') this.worker.crashes_total += 1;
        this.#tallyFailure(run, outcome.error, backoffMs(run.attempt));
        break;
    }
    return true;
  }

  /** @returns false when all of it runs already */
  runNow(by: string): boolean {
    for (const run of this.active) {
      if (run.status === 'queued' && run.not_before > this.#now)
        this.#end(run, 'cancelled', 'asked for by hand instead');
    }
    return this.#enqueue('manual', by);
  }

  pause(by: string): void {
    if (this.worker.condition.kind === 'paused') return;
    this.#become({ kind: 'paused', since: this.#now, by }, `by ${by}`);
    for (const run of this.active) {
      if (run.status === 'queued' && run.trigger !== 'manual') this.#end(run, 'cancelled', 'the worker was paused');
    }
  }

  resume(by: string): void {
    if (this.worker.condition.kind !== 'paused') return;
    this.#become({ kind: 'in_service' }, `by ${by}`);
    this.#forgetFailures();
    this.#moveOn();
  }

  cancel(): void {
    for (const run of this.active) this.#end(run, 'cancelled', null);
  }

  restart(by: string): void {
    this.cancel();
    this.#become({ kind: 'in_service' }, `restarted by ${by}`);
    this.#forgetFailures();
    this.#moveOn();
    this.#enqueue('manual', by);
  }

  setSchedule(schedule: WorkerSchedule | null): void {
    if (JSON.stringify(schedule) !== JSON.stringify(this.worker.schedule)) {
      const payload = { keys: [`workers.${this.worker.name}.schedule`] };
      this.events.push({ type: 'settings.changed', user_id: null, payload });
    }
    this.worker.schedule = schedule;
    this.#moveOn();
  }

  /** The configuration says another schedule than the one its next time was made from. */
  followConfiguration(): void {
    if (this.worker.schedule !== null || JSON.stringify(this.worker.planned_by) === JSON.stringify(this.schedule))
      return;
    this.#moveOn();
  }

  #isDue(): boolean {
    const { condition, next_run_at } = this.worker;
    return condition.kind !== 'paused' && next_run_at !== null && next_run_at <= this.#now;
  }

  #isLive(node_id: string | null): boolean {
    return this.#sight.nodes.some((node) => node.node_id === node_id);
  }

  #isLost(run: RunRecord): boolean {
    if (run.status === 'running') return run.lease_expired;
    return run.pinned && !this.#isLive(run.preferred_node);
  }

  #mayClaim(run: RunRecord, node: BoardNode): boolean {
    if (run.status !== 'queued' || run.not_before > this.#now) return false;
    if (run.preferred_node === node.node_id) return true;
    if (run.pinned || this.#isLive(run.preferred_node)) return false;
    return this.#sight.rules.spread !== 'users' || mayServe(node, run.slots);
  }

  #enqueue(trigger: 'schedule' | 'manual', by: string | null): boolean {
    const parts = this.#parts();
    for (const part of parts) this.#add({ ...part, trigger, requested_by: by });
    return parts.length > 0;
  }

  #add(part: Partial<RunRecord> & Pick<RunRecord, 'trigger'>): void {
    const run: RunRecord = {
      run_id: this.#sight.newId(),
      worker: this.worker.name,
      requested_by: null,
      status: 'queued',
      shard: null,
      slots: null,
      attempt: 1,
      resumes: null,
      not_before: this.#now,
      preferred_node: null,
      pinned: false,
      node_id: null,
      node_name: null,
      lease_expired: false,
      checkpoint: null,
      items: 0,
      changed: 0,
      queued_at: this.#now,
      started_at: null,
      ended_at: null,
      error: null,
      ...part,
    };
    this.runs.push(run);
    this.changed.add(run);
  }

  /** What a new run consists of, without what is at it already. */
  #parts(): Partial<RunRecord>[] {
    const { rules, nodes } = this.#sight;
    const active = this.active;
    switch (rules.spread) {
      case 'once':
        return active.length > 0 ? [] : [{}];
      case 'each_node':
        return nodes
          .filter(({ node_id }) => !active.some((run) => run.preferred_node === node_id))
          .map(({ node_id }) => ({ preferred_node: node_id, pinned: true }));
      case 'users':
        return active.some(({ slots }) => slots === null) ? [] : this.#shardsWithout(active);
    }
  }

  #shardsWithout(active: readonly RunRecord[]): Partial<RunRecord>[] {
    const { nodes } = this.#sight;
    // Whoever comes will take it.
    if (nodes.length === 0) return active.length > 0 ? [] : [{}];
    const taken = new Set(active.flatMap(({ slots }) => slots ?? []));
    const shards = shardsOf(nodes).map(({ node_id, shard }) => ({
      node_id,
      label: shard.label,
      slots: shard.slots.filter((slot) => !taken.has(slot)),
    }));
    return shards
      .filter(({ slots }) => slots.length > 0)
      .map(({ node_id, label, slots }) =>
        slots.length === SLOTS ? { preferred_node: node_id } : { preferred_node: node_id, shard: label, slots },
      );
  }

  #tallySuccess(): void {
    if (this.active.some((run) => run.attempt > 1)) return;
    this.#forgetFailures();
    if (this.worker.condition.kind === 'crashed') this.#become({ kind: 'in_service' }, 'it succeeded again');
  }

  /** Counts it, and either tries again after a while or takes the worker out of service. */
  #tallyFailure(run: RunRecord, error: string, delay_ms: number): void {
    const { condition } = this.worker;
    this.worker.failures = Math.max(this.worker.failures, run.attempt);
    if (condition.kind === 'crashed') this.worker.failures = condition.failures + 1;
    this.worker.failures_total += 1;
    this.worker.error = error;
    this.changed.add(this.worker);
    if (condition.kind === 'paused' || run.pinned) return;
    if (condition.kind === 'in_service' && run.attempt < MAX_FAILURES) {
      this.#resume(run, run.attempt + 1, delay_ms);
      return;
    }
    const since = condition.kind === 'crashed' ? condition.since : this.#now;
    this.#become({ kind: 'crashed', since, failures: this.worker.failures, error }, error);
  }

  #resume(run: RunRecord, attempt: number, delay_ms: number): void {
    const { slots, shard, checkpoint, requested_by } = run;
    const not_before = isoTime(this.#sight.now_ms + delay_ms);
    this.#add({ trigger: 'retry', requested_by, slots, shard, checkpoint, attempt, not_before, resumes: run.run_id });
  }

  #end(run: RunRecord, status: RunEnd, error: string | null): void {
    const { node_id } = run;
    run.status = status;
    run.ended_at = this.#now;
    run.error = error;
    this.changed.add(run);
    if (node_id === null) return;
    this.worker.runs_total += 1;
    this.changed.add(this.worker);
    this.events.push(endEvent(run, node_id, status));
  }

  #become(condition: Condition, reason: string): void {
    const from = this.worker.condition.kind;
    this.worker.condition = condition;
    this.changed.add(this.worker);
    if (from === condition.kind) return;
    const payload = { worker: this.worker.name, from, to: condition.kind, reason };
    this.events.push({ type: 'worker.state.changed', user_id: null, payload });
  }

  #forgetFailures(): void {
    this.worker.failures = 0;
    this.worker.error = null;
    this.changed.add(this.worker);
  }

  #moveOn(): void {
    const next_ms = nextRun(this.schedule, this.#sight.now_ms);
    this.worker.planned_by = this.schedule;
    this.worker.next_run_at = next_ms === null ? null : isoTime(next_ms);
    this.changed.add(this.worker);
  }
}

export const isActive = (run: RunRecord): boolean => run.status === 'queued' || run.status === 'running';

const earlier = (a: string, b: string): string => (a < b ? a : b);

/** The parts of the users that live nodes are there for, with their nodes. */
export function shardsOf(nodes: readonly BoardNode[]): { node_id: string; shard: Shard }[] {
  const owners = assignSlots(nodes);
  const automatic = nodes
    .filter(({ fixed }) => fixed === null)
    .map(({ node_id }) => node_id)
    .sort();
  return nodes
    .map(({ node_id, fixed }) => ({
      node_id,
      shard: {
        label: fixed ? shardLabel(fixed) : `${automatic.indexOf(node_id) + 1}/${automatic.length}`,
        slots: owners.flatMap((owner, slot) => (owner === node_id ? [slot] : [])),
      },
    }))
    .filter(({ shard }) => shard.slots.length > 0);
}

function startedPayload(run: RunRecord, node_id: string): EventPayload<'worker.run.started'> {
  const { worker, run_id, shard, trigger } = run;
  return { worker, run_id, node_id, shard, trigger };
}

function endEvent(run: RunRecord, node_id: string, status: RunEnd): NewEvent {
  const { started_at, ended_at, items, changed } = run;
  const duration_ms = Math.max(0, Date.parse(ended_at ?? '') - Date.parse(started_at ?? ''));
  const payload = { ...startedPayload(run, node_id), duration_ms, items, changed };
  if (status === 'succeeded') return { type: 'worker.run.succeeded', user_id: null, payload };
  // Of a node that was stopped in order, nothing crashed.
  const outcome = status !== 'interrupted' ? status : run.lease_expired ? 'crashed' : 'cancelled';
  const error = run.error ?? 'cancelled';
  return { type: 'worker.run.failed', user_id: null, payload: { ...payload, error, outcome } };
}
