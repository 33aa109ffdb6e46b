/**
 * A service that may be away, and the policies that its calls pass, from the outside in:
 *
 * 1. the breaker's door, so that nobody queues for a service that is known to be away;
 * 2. the bulkhead, whose places are taken by calls that really are made;
 * 3. the breaker, which hears how each of them ended;
 * 4. the time that is left for the request, innermost, so that waiting for a place is part of it.
 *
 * Repeating is not around a call: only its client knows which part of it is safe to repeat, so it asks for that itself.
 */
import type { Breaker } from '../../src-contract/index.ts';
import type { Clock } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import { Bulkhead, type BulkheadLimits, CrowdedError } from './bulkhead.ts';
import type { CallPolicy } from './call-policy.ts';
import { type BreakerSettings, CircuitBreaker, type Hand, type StateChange, type Verdict } from './circuit-breaker.ts';
import { timeLeft } from './deadline.ts';
import { type Ping, PingWatch, type WatchTuning } from './ping-watch.ts';
import { Repeat } from './repeat.ts';
import { RunningCall } from './running-call.ts';

export interface DependencyOptions {
  /** As people name it, such as "PostgreSQL". */
  title: string;
  limits: BulkheadLimits;
  settings(): BreakerSettings;
  /** What an error of a call says of the service. */
  judge(error: unknown): Verdict;
  /** Of what a client repeats, whether another attempt may do better. */
  isPassing?: (error: unknown) => boolean;
  clock: Clock;
  elapsed_ms?: () => number;
  watch?: Partial<WatchTuning>;
  onChange(change: StateChange): void;
}

const REPEAT_TIMES = 2;
const REPEAT_PAUSE_MS = [50, 500] as const;

const systemElapsed = (): number => performance.now();

export class Dependency implements CallPolicy {
  readonly #options: DependencyOptions;
  readonly #breaker: CircuitBreaker;
  readonly #bulkhead: Bulkhead;
  readonly #repeat: Repeat;
  readonly #elapsed_ms: () => number;
  readonly #running = new Set<RunningCall>();
  readonly #counts = { succeeded: 0, failed: 0, refused: 0, crowded: 0, retried: 0 };
  /** When a call was last answered. */
  #answered_ms: number;
  #watch: PingWatch | undefined;

  constructor(options: DependencyOptions) {
    this.#options = options;
    this.#elapsed_ms = options.elapsed_ms ?? systemElapsed;
    this.#answered_ms = this.#elapsed_ms();
    this.#bulkhead = new Bulkhead(options.title, options.limits);
    this.#breaker = new CircuitBreaker({
      ...options,
      judge: (error) => this.#judge(error),
      elapsed_ms: this.#elapsed_ms,
      onChange: (change) => {
        options.onChange(change);
        this.#watch?.look();
      },
    });
    this.#repeat = new Repeat({
      times: REPEAT_TIMES,
      pause_ms: REPEAT_PAUSE_MS,
      isPassing: options.isPassing ?? (() => false),
      onRepeat: () => {
        this.#counts.retried += 1;
      },
    });
  }

  get state(): Breaker['state'] {
    return this.#breaker.state;
  }

  get canBeTested(): boolean {
    return this.#watch !== undefined;
  }

  get counts(): Breaker['counts'] {
    return { ...this.#counts };
  }

  get calls(): Breaker['calls'] {
    const { running, waiting, limits } = this.#bulkhead;
    return { running, waiting, most_running: limits.running, most_waiting: limits.waiting };
  }

  async run<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#isDue) return await this.try(call);
    const refusal = this.#breaker.refusal();
    if (refusal) throw this.#refused(refusal);
    try {
      return await this.#bulkhead.run(() => this.#admitted(call), timeLeft());
    } catch (error) {
      if (error instanceof CrowdedError) this.#counts.crowded += 1;
      throw error;
    }
  }

  repeat<T>(attempt: () => Promise<T>): Promise<T> {
    return this.#repeat.run(attempt);
  }

  /** A call that is made whatever state the breaker is in: when it is answered, an open one closes. */
  async try<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await this.#breaker.try(() => this.#made(call));
  }

  /** How to test it; from now on it is tested by itself while it is open, or when its calls are not answered. */
  watchWith(ping: Ping): void {
    this.#watch?.stop();
    this.#watch = new PingWatch({
      ping,
      tuning: this.#options.watch ?? {},
      due_in_ms: () => this.#breaker.due_in_ms,
      silent_ms: () => this.#silent_ms(),
      test: () => this.test(),
      endOlderThan: (age_ms) => this.#endOlderThan(age_ms),
    });
  }

  /** Something says that it may be back: it is not waited for until its time comes. */
  mayBeBack(): void {
    this.#watch?.testNow();
  }

  /** Tests it now. @throws what the ping throws, ArchonError CONFLICT when there is none */
  async test(): Promise<{ latency_ms: number; detail: string }> {
    const watch = this.#watch;
    if (!watch) {
      const { title } = this.#options;
      throw new ArchonError('CONFLICT', `${title} can only be tested by giving it work: reset its breaker instead.`);
    }
    return await this.#breaker.try(async () => {
      try {
        const answer = await watch.ping();
        this.#answered();
        return answer;
      } catch (error) {
        this.#failed(error);
        throw error;
      }
    });
  }

  reset(hand: Hand): void {
    this.#breaker.reset(hand);
  }

  isolate(hand: Hand, since?: string): void {
    this.#breaker.isolate(hand, since);
  }

  release(hand: Hand): void {
    this.#breaker.release(hand);
  }

  settingsChanged(hand: Hand): void {
    this.#breaker.settingsChanged(hand);
    this.#watch?.look();
  }

  stop(): void {
    this.#watch?.stop();
  }

  /** A service that cannot be tested is tried by the first call after its time. */
  get #isDue(): boolean {
    return this.#watch === undefined && this.#breaker.due_in_ms === 0;
  }

  /** It may have opened while this call waited for its place. */
  #admitted<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const refusal = this.#breaker.refusal();
    return refusal ? Promise.reject(this.#refused(refusal)) : this.#breaker.run(() => this.#made(call));
  }

  async #made<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = new RunningCall(this.#elapsed_ms());
    this.#running.add(running);
    this.#watch?.look();
    try {
      const answer = await running.make(call, timeLeft());
      this.#answered();
      return answer;
    } catch (error) {
      this.#failed(error);
      throw error;
    } finally {
      this.#running.delete(running);
    }
  }

  #failed(error: unknown): void {
    const verdict = this.#judge(error);
    if (verdict === 'away') this.#counts.failed += 1;
    if (verdict === 'answered') this.#answered();
  }

  /** What policies say themselves, as that the time is over, comes from no service. */
  #judge(error: unknown): Verdict {
    if (error instanceof ArchonError && error.retry_after_seconds !== undefined) return 'nothing';
    return this.#options.judge(error);
  }

  #answered(): void {
    this.#counts.succeeded += 1;
    this.#answered_ms = this.#elapsed_ms();
  }

  #refused(refusal: ArchonError): ArchonError {
    this.#counts.refused += 1;
    return refusal;
  }

  /** For how long a call has been waiting without that any was answered; undefined while none is. */
  #silent_ms(): number | undefined {
    const [oldest] = this.#running;
    if (oldest === undefined || !this.#options.settings().enabled) return undefined;
    return this.#elapsed_ms() - Math.max(oldest.began_ms, this.#answered_ms);
  }

  #endOlderThan(age_ms: number): void {
    const refusal = this.#breaker.refusal();
    if (!refusal) return;
    for (const running of this.#running) {
      if (this.#elapsed_ms() - running.began_ms >= age_ms) running.giveUp(refusal);
    }
  }
}
