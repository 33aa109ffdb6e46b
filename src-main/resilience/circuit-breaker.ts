/**
 * A circuit breaker: after so many failures in a row no call is made for a while, so that nobody waits for a service
 * that is away; then one call tries it.
 *
 * The state machine is cockatiel's. Added to it: a threshold and a time that may change while it runs, its state as a
 * union that says since when and until when, and a clock that cannot jump. A call that began before the last change of
 * state says nothing about the time after it: its failure is not counted.
 */
import { type CircuitBreakerPolicy, CircuitState, circuitBreaker, handleType, type IBackoff } from 'cockatiel';
import type { BreakerState, BreakerStateName } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, assertNever } from '../errors.ts';
import { Failures } from './failures.ts';

export interface BreakerSettings {
  /** Off: failures are not counted. */
  enabled: boolean;
  /** Failures in a row that open it, 1–10. */
  threshold: number;
  /** Seconds it stays open. */
  reset_seconds: number;
}

/** A change of state; `by` and `reason` when a person made it. */
export interface StateChange {
  from: BreakerStateName;
  to: BreakerStateName;
  at: string;
  failures: number | null;
  error: string | null;
  reason: string | null;
  by: string | null;
}

/** What an error says of the service: it is away; it answered, if with a no; nothing, as a place in a queue that was full. */
export type Verdict = 'away' | 'answered' | 'nothing';

export interface CircuitBreakerOptions {
  /** Of the service, for messages, such as "PostgreSQL". */
  title: string;
  settings(): BreakerSettings;
  judge(error: unknown): Verdict;
  clock: Clock;
  /** Milliseconds that only grow, whatever is done to the clock of the computer. */
  elapsed_ms(): number;
  onChange(change: StateChange): void;
}

/** Who does something to a breaker, and why. */
export interface Hand {
  by: string;
  reason: string;
}

type Outcome<T> = { ok: true; value: T } | { ok: false; error: unknown };

/** A failure that counts. */
class Away extends Error {}
/** One that does not: it says nothing of the service, or nothing of the time after the last change of state. */
class Uncounted extends Error {}

/** When to try again is decided here: cockatiel would ask the computer's clock, which may be put back by an hour. */
const AT_ONCE: IBackoff<unknown> = { duration: Number.NEGATIVE_INFINITY, next: () => AT_ONCE };

/** What an isolation answers as the time to try again after; nobody knows when a person ends it. */
const ISOLATED_RETRY_SECONDS = 60;

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #failures: Failures;
  readonly #policy: CircuitBreakerPolicy;
  #state: BreakerState = { state: 'closed', failures: 0 };
  /** Of {@link CircuitBreakerOptions.elapsed_ms}, when it opened. */
  #opened_ms = 0;
  /** Grows with every change of state. */
  #period = 0;
  #isolation: { hand: Hand; end: { dispose(): void } } | undefined;
  /** What is said of the change under way. */
  #hand: Hand | undefined;
  #isQuiet = false;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#failures = new Failures(() => options.settings().threshold);
    this.#policy = circuitBreaker(handleType(Away), { halfOpenAfter: AT_ONCE, breaker: this.#failures });
    this.#policy.onStateChange((state) => this.#follow(state));
  }

  get state(): BreakerState {
    return this.#state.state === 'closed' ? { state: 'closed', failures: this.#failures.state } : this.#state;
  }

  /** Milliseconds until an open breaker is to be tried; 0 when it is time, undefined when it is not open. */
  get due_in_ms(): number | undefined {
    if (this.#state.state !== 'open') return undefined;
    const until_ms = this.#opened_ms + this.#options.settings().reset_seconds * 1000;
    return Math.max(0, until_ms - this.#options.elapsed_ms());
  }

  /** Why no call is made now; undefined while it is closed. */
  refusal(): ArchonError | undefined {
    const { title } = this.#options;
    const state = this.#state;
    switch (state.state) {
      case 'closed':
        return undefined;
      case 'open':
        return refused(
          `${title} is away since ${state.since} (${state.error}). It is tried again at ${state.until}; try again then.`,
          Math.max(1, Math.ceil((this.due_in_ms ?? 0) / 1000)),
        );
      case 'half_open':
        return refused(`${title} was away until now and is just being tried; try again in a moment.`, 1);
      case 'isolated':
        return refused(
          `${title} is isolated since ${state.since} by ${state.by} (${state.reason}): it is not asked until it is released.`,
          ISOLATED_RETRY_SECONDS,
        );
      default:
        return assertNever(state);
    }
  }

  /**
   * Makes a call of a closed breaker.
   *
   * @throws ArchonError STORAGE_UNAVAILABLE at once when it is not closed; what the call throws
   */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const refusal = this.refusal();
    if (refusal) throw refusal;
    return this.#options.settings().enabled ? await this.#closedRun(call) : await call();
  }

  /** Tries an open breaker whose time has come or not: it closes when the call is answered. Otherwise just calls. */
  async try<T>(call: () => Promise<T>): Promise<T> {
    const { state } = this.#state;
    // While another tries it or a person keeps it isolated, what is found changes nothing.
    return state === 'open' || (state === 'closed' && this.#options.settings().enabled)
      ? await this.#counted(call)
      : await call();
  }

  /** Closes it without a test. */
  reset(hand: Hand): void {
    if (this.#isolation) {
      const { by } = this.#isolation.hand;
      throw new ArchonError('CONFLICT', `${this.#options.title} is isolated by ${by}: release it instead.`);
    }
    this.#failures.success();
    if (this.#state.state === 'closed') return;
    // cockatiel knows no other way to close one.
    this.#isQuiet = true;
    const handle = this.#policy.isolate();
    this.#isQuiet = false;
    this.#doneBy(hand, () => handle.dispose());
  }

  /** @param since when it was isolated, before a restart: that was told of then */
  isolate(hand: Hand, since?: string): void {
    if (this.#isolation) {
      throw new ArchonError('CONFLICT', `${this.#options.title} is isolated already by ${this.#isolation.hand.by}.`);
    }
    this.#isQuiet = true;
    const end = this.#policy.isolate();
    this.#isQuiet = false;
    this.#isolation = { hand, end };
    const state = { state: 'isolated', since: since ?? this.#now(), ...hand } as const;
    if (since === undefined) this.#doneBy(hand, () => this.#enter(state, null));
    else this.#state = state;
  }

  release(hand: Hand): void {
    const isolation = this.#isolation;
    if (!isolation) throw new ArchonError('CONFLICT', `${this.#options.title} is not isolated.`);
    this.#isolation = undefined;
    this.#failures.success();
    this.#doneBy(hand, () => isolation.end.dispose());
  }

  /** Settings were changed: one that is switched off does not stay open, one with a lower threshold opens sooner. */
  settingsChanged(hand: Hand): void {
    const { enabled, threshold } = this.#options.settings();
    if (!enabled) {
      if (this.#state.state === 'open' || this.#state.state === 'half_open') this.reset(hand);
      this.#failures.success();
      return;
    }
    // One that has failed as often as that already opens at the next failure.
    if (this.#state.state === 'closed') this.#failures.state = Math.min(this.#failures.state, threshold - 1);
    if (this.#state.state === 'open') this.#state = { ...this.#state, until: this.#untilAfter(this.#state.since) };
  }

  /** Only failures go through cockatiel: what it does with an answer is a line, and almost all calls are answered. */
  async #closedRun<T>(call: () => Promise<T>): Promise<T> {
    const period = this.#period;
    try {
      const value = await call();
      this.#failures.success();
      return value;
    } catch (error) {
      // Of another time: it says nothing of how the service is now.
      if (period !== this.#period) throw error;
      return await this.#counted(() => Promise.reject(error));
    }
  }

  async #counted<T>(call: () => Promise<T>): Promise<T> {
    let outcome: Outcome<T>;
    try {
      outcome = await this.#policy.execute(async (): Promise<Outcome<T>> => {
        const period = this.#period;
        try {
          return { ok: true, value: await call() };
        } catch (error) {
          const verdict = this.#options.judge(error);
          if (verdict === 'answered') return { ok: false, error };
          const counts = verdict === 'away' && period === this.#period && this.#options.settings().enabled;
          // A service that is being tried has to answer to count as there.
          const isTrial = period === this.#period && this.#state.state === 'half_open';
          throw counts || isTrial
            ? new Away(messageOf(error), { cause: error })
            : new Uncounted(messageOf(error), { cause: error });
        }
      });
    } catch (error) {
      throw error instanceof Away || error instanceof Uncounted ? error.cause : error;
    }
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  #doneBy(hand: Hand, change: () => void): void {
    this.#hand = hand;
    try {
      change();
    } finally {
      this.#hand = undefined;
    }
  }

  /** cockatiel's state changed. */
  #follow(state: CircuitState): void {
    if (this.#isQuiet) return;
    switch (state) {
      case CircuitState.Closed:
        this.#failures.success();
        this.#enter({ state: 'closed', failures: 0 }, null);
        return;
      case CircuitState.Open:
        this.#open();
        return;
      case CircuitState.HalfOpen:
        this.#enter({ state: 'half_open', since: this.#now() }, null);
        return;
      case CircuitState.Isolated:
        return; // Only we isolate it.
      default:
        assertNever(state);
    }
  }

  #open(): void {
    const failure = this.#policy.lastFailure;
    const error = failure && 'error' in failure && failure.error instanceof Away ? failure.error.message : 'no answer';
    const since = this.#now();
    this.#opened_ms = this.#options.elapsed_ms();
    this.#enter({ state: 'open', since, until: this.#untilAfter(since), error }, error);
  }

  #untilAfter(since: string): string {
    return isoTime(Date.parse(since) + this.#options.settings().reset_seconds * 1000);
  }

  #enter(state: BreakerState, error: string | null): void {
    const from = this.#state.state;
    const failures = state.state === 'open' ? this.#failures.state : null;
    this.#state = state;
    this.#period += 1;
    const { by, reason } = this.#hand ?? { by: null, reason: null };
    this.#options.onChange({ from, to: state.state, at: this.#now(), failures, error, reason, by });
  }

  #now(): string {
    return isoTime(this.#options.clock.now());
  }
}

const refused = (message: string, retry_after_seconds: number): ArchonError =>
  new ArchonError('STORAGE_UNAVAILABLE', message, { retry_after_seconds });

/** What happened, without the advice that was put around it. */
function messageOf(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(reason instanceof Error)) return String(reason);
  // Node leaves it empty when several addresses of a host were tried.
  if (reason.message !== '') return reason.message;
  return 'code' in reason ? String(reason.code) : reason.name;
}
