/**
 * Tells that the other end is gone when the network does not say so: a server that lost its power, a cable that was
 * pulled, an engine that hangs. A browser hears of these minutes later, if at all.
 *
 * Time is counted in ticks of a timer, not by the clock: a page that was asleep or busy has not listened meanwhile, and
 * must not take its own silence for that of the other end.
 */

const TICK_MS = 1000;
/** Ticks without a word after which the other end is asked, and after which it counts as gone. */
const ASK_AFTER = 4;
const GONE_AFTER = 12;

export interface PulseOptions {
  /** Asks for anything at all. What it answers is heard like everything else. */
  ask: () => Promise<unknown>;
  /** Called once; nothing is asked after it. */
  gone: () => void;
}

export class Pulse {
  readonly #options: PulseOptions;
  #quiet = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: PulseOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** The other end said something. */
  heard(): void {
    this.#quiet = 0;
  }

  /** Asks at once: a page that was hidden, whose timers the browser slows down, is looked at again. */
  look(): void {
    if (this.#timer === undefined || this.#quiet >= ASK_AFTER) return;
    this.#quiet = ASK_AFTER;
    this.#ask();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    this.#quiet += 1;
    if (this.#quiet === ASK_AFTER) this.#ask();
    if (this.#quiet < GONE_AFTER) return;
    this.stop();
    this.#options.gone();
  }

  #ask(): void {
    // A refusal is an answer as well, and what never arrives is what `gone` is for.
    this.#options.ask().catch(() => undefined);
  }
}
