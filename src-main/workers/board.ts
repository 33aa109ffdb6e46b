/**
 * A worker of an organisation with its runs that are not over: what may happen to it, and what comes of that.
 *
 * No database and no clock of its own: `WorkerStore` reads a board under a lock, has one thing done to it, and writes
 * back what changed. So nodes do the same thing once, and everything here can be tried with any history.
 */
import { isDeepStrictEqual } from 'node:util';
import type { NewEvent, WorkerSchedule, WorkerState } from '../../src-contract/index.ts';
import { isoTime } from '../clock.ts';
import { assertNever } from '../errors.ts';
import { type Part, partsOf, partsOfStranded } from './parts.ts';
import {
  type BoardNode,
  type Condition,
  isActive,
  type RunEnd,
  type RunOutcome,
  type RunRecord,
  type WorkerRecord,
} from './records.ts';
import { endEvent, startEvent } from './run-events.ts';
import { nextRun, scheduleKey } from './schedule.ts';
import { mayServe } from './shards.ts';
import type { Spread } from './worker.ts';

/** After so many failures in a row a worker is out of service: until its next time, or a restart. */
export const MAX_FAILURES = 10;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 300_000;
/** Clocks of nodes may differ by so much; a time that lies further ahead than it can was set by a clock gone wrong. */
const CLOCK_SKEW_MS = 300_000;

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
    const ready = active.filter((run) => run.status === 'running' || this.#isReady(run));
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
    if (this.#isDue() || this.#isPlannedAmiss()) return true;
    return this.active.some(
      (run) => this.#isLost(run) || this.#mayClaim(run, node) || this.#partsOfStranded(run).length > 0,
    );
  }

  /** Makes the runs of a time that has come. Parts that are still at the one before are left out. */
  plan(): void {
    if (this.#isPlannedAmiss()) this.#moveOn();
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
      this.events.push(startEvent(run, node.node_id));
    }
    return claimed;
  }

  /** Ends the runs whose nodes were not heard of; others go on where they were. */
  expire(): void {
    this.#endLost();
    for (const run of this.active) this.#shareOut(run, this.#partsOfStranded(run));
  }

  #endLost(): void {
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
        this.#end(run, 'interrupted', outcome.error);
        if (this.#mayGoOn(run)) this.#resume(run, run.attempt, 0);
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
      default:
        assertNever(outcome);
    }
    return true;
  }

  /** @returns false when all of it runs already */
  runNow(by: string): boolean {
    for (const run of this.active) {
      if (run.status === 'queued' && !this.#isReady(run)) this.#end(run, 'cancelled', 'asked for by hand instead');
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
    // Not by their texts: jsonb has an order of its own.
    if (!isDeepStrictEqual(schedule, this.worker.schedule)) {
      const payload = { keys: [scheduleKey(this.worker.name)] };
      this.events.push({ type: 'settings.changed', user_id: null, payload });
    }
    this.worker.schedule = schedule;
    this.#moveOn();
  }

  /** The configuration says another schedule than the one its next time was made from. */
  followConfiguration(): void {
    if (this.worker.schedule !== null || isDeepStrictEqual(this.worker.planned_by, this.schedule)) return;
    this.#moveOn();
  }

  #isDue(): boolean {
    const { condition, next_run_at } = this.worker;
    return condition.kind !== 'paused' && next_run_at !== null && next_run_at <= this.#now;
  }

  /** Its next time lies further ahead than one can: the clock it was made by was set back since. */
  #isPlannedAmiss(): boolean {
    const { next_run_at, planned_by } = this.worker;
    if (next_run_at === null) return false;
    const latest_ms = nextRun(planned_by, this.#sight.now_ms + CLOCK_SKEW_MS);
    return latest_ms !== null && next_run_at > isoTime(latest_ms);
  }

  /** What waits is not made to wait longer than it can have been told to. */
  #isReady({ not_before }: RunRecord): boolean {
    return not_before <= this.#now || not_before > isoTime(this.#sight.now_ms + MAX_BACKOFF_MS + CLOCK_SKEW_MS);
  }

  #isLive(node_id: string | null): boolean {
    return this.#sight.nodes.some((node) => node.node_id === node_id);
  }

  #isLost(run: RunRecord): boolean {
    if (run.status === 'running') return run.lease_expired;
    return run.pinned && !this.#isLive(run.preferred_node);
  }

  #mayClaim(run: RunRecord, node: BoardNode): boolean {
    if (run.status !== 'queued' || !this.#isReady(run)) return false;
    if (run.preferred_node === node.node_id) return true;
    if (run.pinned || this.#isLive(run.preferred_node)) return false;
    return this.#sight.rules.spread !== 'users' || mayServe(node, run.slots);
  }

  #partsOfStranded(run: RunRecord): Part[] {
    const { rules, nodes } = this.#sight;
    if (rules.spread !== 'users' || run.status !== 'queued' || this.#isLive(run.preferred_node)) return [];
    return partsOfStranded(run, nodes);
  }

  /** Puts its parts in its place. Users that nobody is there for now are looked after the next time. */
  #shareOut(run: RunRecord, parts: readonly Part[]): void {
    if (parts.length === 0) return;
    this.#end(run, 'cancelled', 'shared out anew: no node there now may take all of it');
    const { trigger, requested_by, attempt, resumes, not_before, checkpoint } = run;
    for (const part of parts) {
      this.#add({ ...part, trigger, requested_by, attempt, resumes, not_before, checkpoint });
    }
  }

  /** Whoever asked for it by hand gets it, also while the worker is paused. */
  #mayGoOn(run: RunRecord): boolean {
    return !run.pinned && (this.worker.condition.kind !== 'paused' || run.requested_by !== null);
  }

  #enqueue(trigger: 'schedule' | 'manual', by: string | null): boolean {
    const { rules, nodes } = this.#sight;
    const parts = partsOf(rules.spread, nodes, this.active);
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

const earlier = (a: string, b: string): string => (a < b ? a : b);
