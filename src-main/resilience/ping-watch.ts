/**
 * Tests a service that can be tested without giving it work, so that nobody has to find out by waiting:
 *
 * - an open breaker's service when its time comes, whether anybody calls or not;
 * - one whose calls are silent: a network that swallows everything fails no call for a long time. A test that fails
 *   counts like a call that does, so the breaker opens, and calls that were swallowed are ended.
 *
 * Nothing runs while nothing is wrong: there is a timer only while calls are under way or the breaker is open.
 */

/** Round trip in milliseconds and what answered. It must end by itself within a few seconds. */
export type Ping = () => Promise<{ latency_ms: number; detail: string }>;

/** Milliseconds. */
export interface WatchTuning {
  /** Without an answer after which a service is suspected. */
  suspect: number;
  /** Between looks. */
  look: number;
}

const DEFAULT_TUNING: WatchTuning = { suspect: 3000, look: 500 };

export interface PingWatchOptions {
  ping: Ping;
  tuning: Partial<WatchTuning>;
  /** Until an open breaker is to be tried; undefined when it is not open. */
  due_in_ms(): number | undefined;
  /** For how long calls have been without an answer; undefined when there are none. */
  silent_ms(): number | undefined;
  /** Tests by way of the breaker. */
  test(): Promise<unknown>;
  /** Ends calls that have been waiting for so long. */
  endOlderThan(age_ms: number): void;
}

export class PingWatch {
  readonly ping: Ping;
  readonly #options: PingWatchOptions;
  readonly #tuning: WatchTuning;
  #timer: NodeJS.Timeout | undefined;
  #isTesting = false;
  #isStopped = false;

  constructor(options: PingWatchOptions) {
    this.#options = options;
    this.#tuning = { ...DEFAULT_TUNING, ...options.tuning };
    this.ping = options.ping;
  }

  /** There may be something to watch from now on. */
  look(): void {
    if (this.#timer !== undefined || this.#isStopped) return;
    this.#timer = setTimeout(() => this.#looked(), this.#tuning.look);
    this.#timer.unref();
  }

  /** Tests an open breaker before its time. */
  testNow(): void {
    if (this.#options.due_in_ms() !== undefined) this.#test();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #looked(): void {
    this.#timer = undefined;
    const due_in_ms = this.#options.due_in_ms();
    const silent_ms = this.#options.silent_ms();
    if (due_in_ms === undefined ? (silent_ms ?? 0) >= this.#tuning.suspect : due_in_ms === 0) this.#test();
    if (due_in_ms !== undefined) this.#options.endOlderThan(this.#tuning.suspect);
    if (due_in_ms !== undefined || silent_ms !== undefined || this.#isTesting) this.look();
  }

  #test(): void {
    if (this.#isTesting || this.#isStopped) return;
    this.#isTesting = true;
    this.#options
      .test()
      // How it ended is the breaker's.
      .catch(() => {})
      .finally(() => {
        this.#isTesting = false;
        this.look();
      });
  }
}
