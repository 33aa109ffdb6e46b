/** One crosshair for all charts of a page. It moves with every frame, so it goes past React. */

export class ChartSync {
  #time: number | null = null;
  readonly #listeners = new Set<(time: number | null) => void>();

  /** Where it is, in seconds since the epoch; null while nobody points. */
  get time(): number | null {
    return this.#time;
  }

  move(time: number | null): void {
    if (time === this.#time) return;
    this.#time = time;
    for (const tell of this.#listeners) tell(time);
  }

  subscribe(tell: (time: number | null) => void): () => void {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  }
}
