/** How many event streams one caller, and all of them, may have open over HTTP: each is followed for as long as it is. */

export const STREAM_LIMITS = { per_caller: 256, in_all: 1024 };

export class StreamLimit {
  readonly #limits: typeof STREAM_LIMITS;
  readonly #open = new Map<string, number>();
  #all = 0;

  constructor(limits: Partial<typeof STREAM_LIMITS> = {}) {
    this.#limits = { ...STREAM_LIMITS, ...limits };
  }

  /** Takes a place, or says that there is none. @returns how to give it back, once */
  take(caller: string): (() => void) | undefined {
    const own = this.#open.get(caller) ?? 0;
    if (own >= this.#limits.per_caller || this.#all >= this.#limits.in_all) return undefined;
    this.#open.set(caller, own + 1);
    this.#all += 1;
    return () => {
      this.#all -= 1;
      const left = (this.#open.get(caller) ?? 1) - 1;
      if (left === 0) this.#open.delete(caller);
      else this.#open.set(caller, left);
    };
  }
}
