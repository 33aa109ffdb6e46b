import { Bell } from './bell.ts';

/** `idle`: nothing is left to do. `more`: there is. `later`: it cannot be done now. */
export type Round = 'idle' | 'more' | 'later';

export interface RoundsOptions {
  /** Does what there is. Never rejects. */
  round(): Promise<Round>;
  /** Milliseconds before another attempt at what could not be done: doubles from the first to the last. */
  retry_ms: readonly [number, number];
  /** Milliseconds between looks while nobody rings. */
  look_ms: number;
  /** A stop takes at most so many milliseconds. */
  stop_within_ms: number;
}

/** Rounds of a work that waits for something that may be away: when somebody rings, again later, never two at a time. */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #news = new Bell();
  readonly #end = new Bell();
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();
  /** Rounds, and whoever must not run beside one, wait for each other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** There is something to do. */
  ring(): void {
    this.#news.ring();
  }

  /** Runs while no round is on its way. */
  async alone<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return await turn;
  }

  /** @param lastly done after the last round, within the time of the stop */
  async stop(lastly: () => Promise<unknown> = async () => {}): Promise<void> {
    this.#isStopped = true;
    this.#news.ring();
    this.#end.ring();
    const late = new Bell();
    await Promise.race([this.#running.then(lastly), late.wait(this.#options.stop_within_ms)]);
    late.ring();
  }

  async #run(): Promise<void> {
    const { round, retry_ms, look_ms } = this.#options;
    let pause_ms = retry_ms[0];
    while (!this.#isStopped) {
      this.#news.silence();
      const outcome = await this.alone(round);
      if (outcome === 'later') {
        await this.#end.wait(pause_ms);
        pause_ms = Math.min(pause_ms * 2, retry_ms[1]);
        continue;
      }
      pause_ms = retry_ms[0];
      if (outcome === 'idle') await this.#news.wait(look_ms);
    }
  }
}
