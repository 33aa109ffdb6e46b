/** Wakes those who sleep until something happens or some time has passed. */
export class Bell {
  #rung = false;
  readonly #sleepers = new Set<() => void>();

  ring(): void {
    this.#rung = true;
    for (const wake of this.#sleepers) wake();
  }

  /** What rang before is forgotten. */
  silence(): void {
    this.#rung = false;
  }

  /** Sleeps for so many milliseconds, not at all if it has rung. @returns whether it has rung */
  async wait(ms: number): Promise<boolean> {
    if (this.#rung) return true;
    await new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms).unref();
      this.#sleepers.add(wake);
    });
    return this.#rung;
  }
}
