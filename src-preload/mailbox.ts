/** Messages of main for the page's listeners; those that come before the page listens wait for it. */
export class Mailbox<T> {
  readonly #listeners = new Set<(message: T) => void>();
  #waiting: T[] = [];

  deliver(message: T): void {
    if (this.#listeners.size === 0) this.#waiting.push(message);
    for (const listener of this.#listeners) listener(message);
  }

  /** @returns how to stop */
  listen(listener: (message: T) => void): () => void {
    this.#listeners.add(listener);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of waiting) listener(message);
    return () => this.#listeners.delete(listener);
  }
}
