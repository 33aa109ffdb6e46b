/** How much time a round stands for, by a clock that only grows. */
export class RoundTime {
  readonly #monotonic_ms: () => number;
  readonly #last_ms = new Map<string, number>();

  constructor(monotonic_ms: () => number) {
    this.#monotonic_ms = monotonic_ms;
  }

  /**
   * Milliseconds since the round before, two intervals at most: of the time that a computer slept nothing is known. The
   * first round stands for none.
   */
  elapsed_ms(org_id: string, interval_ms: number): number {
    const now_ms = this.#monotonic_ms();
    const last_ms = this.#last_ms.get(org_id) ?? now_ms;
    this.#last_ms.set(org_id, now_ms);
    return Math.min(Math.round(now_ms - last_ms), 2 * interval_ms);
  }

  /** Whoever begins anew knows nothing of the time before. */
  forget(): void {
    this.#last_ms.clear();
  }
}
