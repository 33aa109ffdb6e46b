/** A run this node is at: what the worker is given, and the watch over its progress. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import { RELEASED, type RunOutcome, type RunRecord } from './records.ts';
import type { Progress, RunContext, WorkerDefinition } from './worker.ts';
import { RunLostError, type WorkerStore } from './worker-store.ts';

/** How long a run that was told to end may take to come to the end of its step. */
const SETTLE_MS = 5000;

/** Why a run was told to end. */
type Reason = 'lost' | 'stopped' | 'timed_out';

class RunAborted extends Error {
  override readonly name = 'RunAborted';
  readonly reason: Reason;
  constructor(reason: Reason) {
    super(`the run was told to end: ${reason}`);
    this.reason = reason;
  }
}

export interface ActiveRunDeps {
  definition: WorkerDefinition;
  run: RunRecord & { node_id: string };
  scope: Scope;
  store: Pick<WorkerStore, 'step'>;
  clock: Clock;
  logger: Logger;
}

export class ActiveRun {
  readonly run_id: string;
  readonly worker: string;
  readonly scope: Scope;
  readonly #deps: ActiveRunDeps;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ActiveRunDeps) {
    this.#deps = deps;
    this.run_id = deps.run.run_id;
    this.worker = deps.run.worker;
    this.scope = deps.scope;
  }

  /**
   * Runs it to its end, whatever that is. One that does not heed its signal is left behind: nothing it still writes
   * counts.
   *
   * @returns undefined when somebody else has decided about the run
   */
  async outcome(): Promise<RunOutcome | undefined> {
    const { signal } = this.#abort;
    this.#watch();
    const aborted = Promise.withResolvers<never>();
    const giveUp = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', () => {
      const { reason } = signal.reason as RunAborted;
      if (reason === 'timed_out') giveUp();
      else setTimeout(giveUp, SETTLE_MS).unref();
    });
    // Nobody may be waiting for it any more.
    aborted.promise.catch(() => {});
    const work = this.#work();
    work.catch(() => {});
    try {
      await Promise.race([work, aborted.promise]);
      return { kind: 'succeeded' };
    } catch (error) {
      return this.#outcomeOf(error);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Tells the run to end. */
  end(reason: Exclude<Reason, 'timed_out'>): void {
    this.#abort.abort(new RunAborted(reason));
  }

  async #work(): Promise<void> {
    await this.#deps.definition.run(this.#context());
  }

  #outcomeOf(error: unknown): RunOutcome | undefined {
    const { definition, logger } = this.#deps;
    const why: unknown = this.#abort.signal.aborted ? this.#abort.signal.reason : error;
    if (why instanceof RunLostError) return undefined;
    if (why instanceof RunAborted) {
      switch (why.reason) {
        case 'lost':
          return undefined;
        case 'stopped':
          return { kind: 'released', error: RELEASED.stopped };
        case 'timed_out':
          return { kind: 'timed_out', error: `it made no progress for ${definition.timeout_ms / 1000} s` };
      }
    }
    logger.warn({ err: error, run_id: this.run_id }, `worker ${this.worker} failed`);
    return { kind: 'failed', error: errorText(error) };
  }

  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#abort.signal.aborted) return;
    const { timeout_ms } = this.#deps.definition;
    this.#timer = setTimeout(() => this.#abort.abort(new RunAborted('timed_out')), timeout_ms);
  }

  #context(): RunContext {
    const { run, scope, clock, logger, store } = this.#deps;
    const { signal } = this.#abort;
    const batch: RunContext['batch'] = async (work) => {
      signal.throwIfAborted();
      const progress = await store.step(scope, run, work);
      this.#watch();
      await nextTurn();
      return progress;
    };
    return {
      scope,
      shard: run.slots === null ? null : { label: run.shard ?? 'all', slots: run.slots },
      checkpoint: run.checkpoint,
      signal,
      logger,
      clock,
      batch,
      progress: async (progress: Progress) => {
        await batch(async () => progress);
      },
    };
  }
}

/** One line of what was thrown, whatever it was. */
function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.slice(0, 1000).toWellFormed().replaceAll('\u0000', '');
}
