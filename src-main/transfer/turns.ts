/** Lets others work in between: imports run in the process that serves everybody else. */

/** Milliseconds of work after which others get their turn. */
const MAX_WORK_MS = 20;

/** Lets everything else that waits have its turn. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Asked often in a long piece of work, it gives others their turn as seldom as it may. */
export class Turns {
  #yieldedAt_ms = performance.now();

  async letOthersWork(): Promise<void> {
    if (performance.now() - this.#yieldedAt_ms < MAX_WORK_MS) return;
    await yieldToEventLoop();
    this.#yieldedAt_ms = performance.now();
  }
}
