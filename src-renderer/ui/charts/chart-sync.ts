/**
 * One crosshair for all charts of a page. It moves with every frame, so it goes past React; words about it, which cost more
 * to lay out than a line does to move and cannot be read at that pace, follow some times a second.
 */

/** As fast as figures can be read, and too short to be waited for. */
const WORDS_AFTER_MS = 100;

type Listener = (time: number | null) => void;

export class ChartSync {
  #time: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #words = new Set<Listener>();

  /** Where it is, in seconds since the epoch; null while nobody points. */
  get time(): number | null {
    return this.#time;
  }

  move(time: number | null): void {
    if (time === this.#time) return;
    this.#time = time;
    for (const tell of this.#listeners) tell(time);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const tell of this.#words) tell(this.#time);
    }, WORDS_AFTER_MS);
  }

  /** Hears of every move. */
  subscribe(tell: Listener): () => void {
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  }

  /** Hears where it is shortly after it moved, all at the same time. */
  subscribeWords(tell: Listener): () => void {
    this.#words.add(tell);
    return () => this.#words.delete(tell);
  }
}
