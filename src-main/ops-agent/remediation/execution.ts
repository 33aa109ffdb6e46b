/** Does what is to be done, one at a time on each target, and looks whether it has helped. Holds up nobody. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { OpsAction, OpsFact } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import { type ActionLog, isOver } from './action-log.ts';
import { bounded, StoppedError } from './bounded.ts';
import type { Registry } from './registry.ts';
import { type Done, type Finding, fact, type Look } from './remediator.ts';
import { targetKey } from './target.ts';

/** Who acts where no person does. */
export const AGENT = 'ops agent';
/** The label of a fact that is the root cause of the alert. */
export const ROOT_CAUSE = 'Root cause';
const LOOK_MS = 15_000;
/** Between two looks whether what was done has helped. */
const VERIFY_EVERY_MS = 5_000;
const STOP_MS = 3_000;
/** Characters of what it failed with. */
const LONGEST_ERROR = 2000;

export interface ExecutionDeps {
  log: ActionLog;
  remediators: Registry;
  /** Whether an alert does not fire any more. */
  isCalm(org_id: string, alert_id: string): boolean;
  clock: Clock;
  logger: Logger;
  node: string;
  /** Milliseconds of a clock that only grows. */
  elapsed_ms: () => number;
}

interface Verified {
  org_id: string;
  action_id: string;
  done: Done;
  since_ms: number;
  /** What was last found. */
  outcome: string;
  checking: boolean;
}

export class Execution {
  readonly #deps: ExecutionDeps;
  readonly #stop = new AbortController();
  /** Targets that something is done to. */
  readonly #busy = new Map<string, string>();
  readonly #verified = new Map<string, Verified>();
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ExecutionDeps) {
    this.#deps = deps;
  }

  isBusy(org_id: string, { remediator, target }: Pick<OpsAction, 'remediator' | 'target'>): boolean {
    return this.#busy.has(targetKey(org_id, remediator, target));
  }

  /** This process is at it. */
  has(action_id: string): boolean {
    return [...this.#busy.values()].includes(action_id);
  }

  /** @throws what the remediator throws */
  async look(org_id: string, action: Pick<OpsAction, 'remediator' | 'target' | 'origin'>): Promise<Look> {
    const remediator = this.#deps.remediators[action.remediator];
    return await bounded(LOOK_MS, this.#stop.signal, (signal) =>
      remediator.look(scopeOf(org_id, action), action.target, signal),
    );
  }

  /** Begins it, and answers at once. @param look when its precondition was looked at just now */
  begin(org_id: string, given: OpsAction, look?: Look): OpsAction {
    const { log, node } = this.#deps;
    const since = this.#now();
    const action: OpsAction = {
      ...given,
      state: { state: 'running', since },
      node,
      before: look?.facts ?? given.before,
      started_at: since,
    };
    log.put(org_id, action);
    this.#busy.set(targetKey(org_id, action.remediator, action.target), action.id);
    this.#follow(this.#run(org_id, action, look));
    return action;
  }

  /** Whether what was done has helped; by itself every few seconds. Never rejects. */
  async lookAfter(): Promise<void> {
    try {
      await Promise.all([...this.#verified.values()].map((one) => this.#check(one)));
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'whether actions helped could not be noted');
    }
    this.#rest();
  }

  /** Resolves when nothing runs; what is being verified may still be. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** What this node was at when it last ended is interrupted. Of others it is once their time is over. */
  interruptLeft(org_id: string): void {
    for (const action of this.#deps.log.open(org_id)) {
      const { state } = action.state;
      if (this.has(action.id)) continue;
      if ((state === 'running' || state === 'verifying') && (action.node ?? this.#deps.node) === this.#deps.node) {
        this.interrupt(org_id, action);
      }
    }
  }

  interrupt(org_id: string, action: OpsAction): void {
    const done = action.state.state === 'verifying' ? (action.outcome ?? '') : 'How far it came is not known.';
    const outcome = `Its process ended before it was known whether it helped. ${done}`.trim();
    this.#end(org_id, action, { state: { state: 'interrupted', at: this.#now() }, outcome });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    await Promise.race([Promise.all(this.#running), wait(STOP_MS, undefined, { ref: false })]);
    for (const { org_id, action_id } of this.#verified.values()) {
      const action = this.#deps.log.find(org_id, action_id);
      if (action && !isOver(action)) this.interrupt(org_id, action);
    }
    this.#verified.clear();
  }

  #follow(work: Promise<void>): void {
    const followed = work
      .catch((error) => this.#deps.logger.error({ err: error }, 'an action could not be noted'))
      .finally(() => this.#running.delete(followed));
    this.#running.add(followed);
  }

  async #run(org_id: string, begun: OpsAction, looked: Look | undefined): Promise<void> {
    const remediator = this.#deps.remediators[begun.remediator];
    const scope = scopeOf(org_id, begun);
    let action = begun;
    try {
      const look = looked ?? (await this.look(org_id, action));
      action = { ...action, before: look.facts };
      if (look.blocked !== null) {
        const state = { state: 'skipped', at: this.#now(), reason: look.blocked } as const;
        this.#end(org_id, action, { state, outcome: null });
        return;
      }
      const done = await bounded(remediator.limit_ms, this.#stop.signal, (signal) =>
        remediator.run(scope, action.target, signal),
      );
      await this.#verify(org_id, action, done);
    } catch (error) {
      if (error instanceof StoppedError) this.interrupt(org_id, action);
      else this.#fail(org_id, action, error);
    }
  }

  async #verify(org_id: string, action: OpsAction, done: Done): Promise<void> {
    const since = this.#now();
    const until = isoTime(this.#deps.clock.now() + done.within_ms);
    const cause = done.cause === undefined ? [] : [fact(ROOT_CAUSE, done.cause)];
    const { outcome } = done;
    this.#deps.log.put(org_id, { ...action, state: { state: 'verifying', since, until }, outcome, after: cause });
    const one = { org_id, action_id: action.id, done, since_ms: this.#deps.elapsed_ms(), outcome, checking: false };
    this.#verified.set(action.id, one);
    await this.#check(one);
    if (!this.#stop.signal.aborted) this.#watch();
  }

  #watch(): void {
    if (this.#timer !== undefined || this.#verified.size === 0) return;
    this.#timer = setInterval(() => void this.lookAfter(), VERIFY_EVERY_MS).unref();
  }

  #rest(): void {
    if (this.#verified.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #check(one: Verified): Promise<void> {
    if (one.checking) return;
    one.checking = true;
    try {
      const action = this.#deps.log.find(one.org_id, one.action_id);
      if (action?.state.state !== 'verifying') {
        // Another node decided about it meanwhile.
        this.#forget(one, action);
        return;
      }
      const finding = await this.#find(one, action);
      if (finding.outcome !== undefined) one.outcome = finding.outcome;
      if (finding.verdict === 'not_yet' && !this.#isLate(one)) return;
      const helped = finding.verdict === 'helped';
      await this.#close(one, action, helped ? 'helped' : 'did_not_help');
    } finally {
      one.checking = false;
    }
  }

  /** A check that fails says nothing: it is made again until the time is over. */
  async #find({ org_id, done }: Verified, { origin, id }: OpsAction): Promise<Finding> {
    const calm = origin.kind === 'rule' ? this.#deps.isCalm(org_id, origin.alert_id) : undefined;
    try {
      return await bounded(LOOK_MS, this.#stop.signal, (signal) => done.check(calm, signal));
    } catch (error) {
      this.#deps.logger.warn({ err: error, action: id }, 'whether an action helped could not be found out');
      return { verdict: 'not_yet' };
    }
  }

  async #close(one: Verified, action: OpsAction, state: 'helped' | 'did_not_help'): Promise<void> {
    const facts = await this.#factsAfter(one.org_id, action);
    if (this.#stop.signal.aborted) return;
    const after = [...action.after, ...facts];
    this.#end(one.org_id, action, { state: { state, at: this.#now() }, outcome: one.outcome, after });
  }

  async #factsAfter(org_id: string, action: OpsAction): Promise<OpsFact[]> {
    try {
      return (await this.look(org_id, action)).facts;
    } catch {
      // What it is like afterwards is no part of what was done.
      return [];
    }
  }

  #isLate({ since_ms, done }: Verified): boolean {
    return this.#deps.elapsed_ms() - since_ms >= done.within_ms;
  }

  #fail(org_id: string, action: OpsAction, error: unknown): void {
    const { logger } = this.#deps;
    logger.warn({ err: error, action: action.id, remediator: action.remediator }, 'an action failed');
    const message = (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_ERROR);
    this.#end(org_id, action, {
      state: { state: 'failed', at: this.#now(), error: message },
      outcome: `It failed: ${message}`,
    });
  }

  #end(org_id: string, action: OpsAction, change: Pick<OpsAction, 'state' | 'outcome'> & Partial<OpsAction>): void {
    const { log, clock } = this.#deps;
    const ended_at = this.#now();
    const duration_ms = action.started_at === null ? null : Math.max(0, clock.now() - Date.parse(action.started_at));
    // Before it is written: whoever hears of it may act on the same target.
    this.#busy.delete(targetKey(org_id, action.remediator, action.target));
    this.#verified.delete(action.id);
    log.put(org_id, { ...action, ended_at, duration_ms, ...change });
  }

  #forget({ org_id, action_id }: Verified, action: OpsAction | undefined): void {
    this.#verified.delete(action_id);
    if (action) this.#busy.delete(targetKey(org_id, action.remediator, action.target));
  }

  #now(): string {
    return isoTime(this.#deps.clock.now());
  }
}

/** Whose name it is done in. */
export function scopeOf(org_id: string, { origin, ...action }: Pick<OpsAction, 'origin'> & Partial<OpsAction>): Scope {
  const actor = origin.kind === 'rule' ? (action.approved_by ?? AGENT) : origin.by;
  return { org_id, actor };
}
