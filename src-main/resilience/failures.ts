/** Failures in a row, as cockatiel asks for them; how many open a breaker may change at any time. */
import type { IBreaker } from 'cockatiel';

export class Failures implements IBreaker {
  state = 0;
  readonly #threshold: () => number;

  constructor(threshold: () => number) {
    this.#threshold = threshold;
  }

  success(): void {
    this.state = 0;
  }

  /** @returns whether the breaker is to open */
  failure(): boolean {
    this.state += 1;
    return this.state >= this.#threshold();
  }
}
