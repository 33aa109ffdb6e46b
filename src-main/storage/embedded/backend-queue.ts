/**
 * Who may use the one backend, and when.
 *
 * Clients wait in a line, first come, first served; each runs one unit and goes to the end of the line if it has more.
 * A client inside a transaction holds the backend until it is done, and everyone else waits, so a hold that is not
 * used for `hold_timeout_ms` is taken away: one forgotten transaction must not stop the application.
 */

export interface BackendClient {
  /** Whether `runNext` has something to do. */
  hasWork(): boolean;
  /** Runs one unit. 'held': nobody else may use the backend before this client's next unit. */
  runNext(): Promise<'free' | 'held'>;
  /** The hold has been idle too long; the client must have work that ends it when this returns. */
  expireHold(): void;
}

export interface BackendQueueOptions {
  hold_timeout_ms: number;
  /** Called after every unit. */
  onUnitDone?: () => void;
  /** A unit failed in a way that leaves the backend unusable; the queue has stopped. */
  onFatal: (error: unknown) => void;
}

export class BackendQueue {
  readonly #options: BackendQueueOptions;
  /** Insertion order is the order of the line. */
  readonly #line = new Set<BackendClient>();
  #holder: BackendClient | null = null;
  #running: BackendClient | null = null;
  #scheduled = false;
  #stopped = false;
  #hold_timer: NodeJS.Timeout | undefined;
  #idle_waiters: (() => void)[] = [];

  constructor(options: BackendQueueOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** True while the client runs or holds the backend. */
  serves(client: BackendClient): boolean {
    return client === this.#holder || client === this.#running;
  }

  /** The client has work. */
  submit(client: BackendClient): void {
    if (client === this.#holder) clearTimeout(this.#hold_timer);
    else if (client !== this.#running) this.#line.add(client);
    this.#schedule();
  }

  /** The client no longer waits. Not for one that holds the backend: that one has to end its transaction first. */
  withdraw(client: BackendClient): void {
    this.#line.delete(client);
    this.#schedule();
  }

  /** Resolves once nothing runs, waits or holds. */
  whenIdle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle_waiters.push(resolve);
      this.#schedule();
    });
  }

  /** Runs nothing more. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#hold_timer);
  }

  /** One unit per turn of the event loop, so that messages, cancellations and timers get their turn in between. */
  #schedule(): void {
    if (this.#scheduled || this.#running) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn().catch((error: unknown) => {
        this.stop();
        this.#options.onFatal(error);
      });
    });
  }

  async #turn(): Promise<void> {
    if (this.#stopped) return;
    const client = this.#next();
    if (!client) {
      if (!this.#holder) for (const done of this.#idle_waiters.splice(0)) done();
      return;
    }
    this.#running = client;
    const outcome = await client.runNext();
    this.#running = null;
    this.#holder = outcome === 'held' ? client : null;
    if (client.hasWork()) this.submit(client);
    else if (this.#holder) this.#watchHold(client);
    this.#options.onUnitDone?.();
    this.#schedule();
  }

  #next(): BackendClient | null {
    if (this.#holder) return this.#holder.hasWork() ? this.#holder : null;
    const [first] = this.#line;
    if (!first) return null;
    this.#line.delete(first);
    return first;
  }

  #watchHold(client: BackendClient): void {
    clearTimeout(this.#hold_timer);
    this.#hold_timer = setTimeout(() => {
      if (this.#holder !== client || client.hasWork()) return;
      client.expireHold();
      this.#schedule();
    }, this.#options.hold_timeout_ms);
  }
}
