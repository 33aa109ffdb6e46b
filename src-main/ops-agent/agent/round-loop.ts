/** When rounds begin: every interval, at once when something happens or a person asks; one at a time. */

/** Why a round is made. */
export type RoundTrigger = 'interval' | 'event' | 'person';

export interface RoundLoopOptions {
  organisations(): Iterable<string>;
  interval_ms(org_id: string): number;
  /** Makes one. */
  round(org_id: string, trigger: RoundTrigger): Promise<void>;
  onError(error: unknown): void;
  /** Milliseconds of a clock that only grows. */
  monotonic_ms(): number;
  /** Milliseconds between two rounds of an organisation at least, whatever happens; a person does not wait for it. */
  gap_ms?: number;
}

interface Turn {
  /** When its last round began. */
  began_ms: number | undefined;
  rung: boolean;
  /** Persons who wait for a round that begins after they asked. */
  waiting: (() => void)[];
}

const GAP_MS = 2000;
/** However long an interval is: settings and organisations may have changed in a way nobody told of. */
const LONGEST_SLEEP_MS = 60_000;

export class RoundLoop {
  readonly #options: RoundLoopOptions;
  readonly #gap_ms: number;
  readonly #turns = new Map<string, Turn>();
  #isRunning = false;
  #ticking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RoundLoopOptions) {
    this.#options = options;
    this.#gap_ms = options.gap_ms ?? GAP_MS;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#arm();
  }

  /** Resolves when the round that runs is over. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    clearTimeout(this.#timer);
    await this.#ticking;
    for (const turn of this.#turns.values()) answer(turn.waiting);
    this.#turns.clear();
  }

  /** Something happened that matters. */
  ring(org_id: string): void {
    this.#turn(org_id).rung = true;
    this.#arm();
  }

  /** Resolves when a round that begins now, or after the one that runs, is over. */
  run(org_id: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn(org_id).waiting.push(resolve);
    this.#arm();
    return promise;
  }

  /** Intervals or organisations are others than before. */
  replan(): void {
    this.#arm();
  }

  /** Milliseconds until the next round of an organisation; not positive when it is due. */
  due_in_ms(org_id: string): number {
    const { began_ms, rung, waiting } = this.#turn(org_id);
    if (began_ms === undefined || waiting.length > 0) return 0;
    const pause_ms = rung ? this.#gap_ms : this.#options.interval_ms(org_id);
    return began_ms + pause_ms - this.#options.monotonic_ms();
  }

  /** Makes every round that is due. Called again while it does, it waits for the same end. */
  tick(): Promise<void> {
    this.#ticking ??= this.#makeThoseDue().finally(() => {
      this.#ticking = undefined;
      this.#arm();
    });
    return this.#ticking;
  }

  async #makeThoseDue(): Promise<void> {
    for (let org_id = this.#mostDue(); org_id !== undefined && this.#isRunning; org_id = this.#mostDue()) {
      await this.#make(org_id);
    }
  }

  async #make(org_id: string): Promise<void> {
    const turn = this.#turn(org_id);
    const { waiting, rung } = turn;
    Object.assign(turn, { waiting: [], rung: false, began_ms: this.#options.monotonic_ms() });
    try {
      await this.#options.round(org_id, waiting.length > 0 ? 'person' : rung ? 'event' : 'interval');
    } catch (error) {
      this.#options.onError(error);
    }
    answer(waiting);
  }

  #mostDue(): string | undefined {
    const due = [...this.#options.organisations()]
      .map((org_id) => ({ org_id, in_ms: this.due_in_ms(org_id), asked: this.#turn(org_id).waiting.length > 0 }))
      .filter(({ in_ms }) => in_ms <= 0)
      .sort((one, other) => Number(other.asked) - Number(one.asked) || one.in_ms - other.in_ms);
    return due[0]?.org_id;
  }

  /** Sleeps until the next is due. */
  #arm(): void {
    clearTimeout(this.#timer);
    if (!this.#isRunning || this.#ticking) return;
    const next_ms = Math.min(LONGEST_SLEEP_MS, ...[...this.#options.organisations()].map((org) => this.due_in_ms(org)));
    this.#timer = setTimeout(() => void this.tick(), Math.max(0, next_ms));
  }

  #turn(org_id: string): Turn {
    const known = this.#turns.get(org_id);
    if (known) return known;
    const turn: Turn = { began_ms: undefined, rung: false, waiting: [] };
    this.#turns.set(org_id, turn);
    return turn;
  }
}

function answer(waiting: readonly (() => void)[]): void {
  for (const resolve of waiting) resolve();
}
