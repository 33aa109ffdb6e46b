/** Calls under way on the services of each engine, so that one is not stopped under them. */
import type { Services } from '../services.ts';

const LOOK_MS = 20;

export class CallCount {
  readonly #calls = new WeakMap<Services, number>();

  /** @returns how to say that the call is over */
  enter(services: Services): () => void {
    this.#add(services, 1);
    let isOver = false;
    return () => {
      if (!isOver) this.#add(services, -1);
      isOver = true;
    };
  }

  /** Resolves when none is left, or after so long. */
  async done(services: Services, patience_ms: number): Promise<void> {
    const deadline_ms = performance.now() + patience_ms;
    while ((this.#calls.get(services) ?? 0) > 0 && performance.now() < deadline_ms) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  #add(services: Services, more: number): void {
    this.#calls.set(services, (this.#calls.get(services) ?? 0) + more);
  }
}
