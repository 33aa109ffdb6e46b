/** Short enough that nobody waits for it. */
const GATHER_MS = 250;

/** Does its work once, soon, for all who ask meanwhile, and never twice at a time. */
export class Gatherer {
  readonly #work: () => Promise<unknown>;
  readonly #after_ms: number;
  readonly #later: (work: () => void, delay_ms: number) => () => void;
  #cancel: (() => void) | undefined;
  #isWorking = false;
  #again = false;

  /** @param after_ms between the first who asks and the work */
  constructor(work: () => Promise<unknown>, after_ms = GATHER_MS, later = afterTimeout) {
    this.#work = work;
    this.#after_ms = after_ms;
    this.#later = later;
  }

  readonly ask = (): void => {
    if (this.#isWorking) this.#again = true;
    else this.#cancel ??= this.#later(() => void this.#run(), this.#after_ms);
  };

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#again = false;
  }

  async #run(): Promise<void> {
    this.#cancel = undefined;
    this.#isWorking = true;
    try {
      await this.#work();
    } finally {
      this.#isWorking = false;
      if (this.#again) {
        this.#again = false;
        this.ask();
      }
    }
  }
}

function afterTimeout(work: () => void, delay_ms: number): () => void {
  const timer = setTimeout(work, delay_ms);
  return () => clearTimeout(timer);
}
