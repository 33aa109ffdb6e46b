/** Main's end of a MessagePort to the page, as the oRPC handler wants a port to be. */
import type { MessagePortMain } from 'electron';

type Listener = (event?: { data: unknown }) => void;

/**
 * Electron tells of a close from the other end only. The handler must hear of ours too: it ends the calls that still run
 * and the event streams on `close`.
 */
export class EnginePort {
  readonly #port: MessagePortMain;
  readonly #onClose = new Set<Listener>();
  #closed = false;
  /** Answers go out, and nothing comes in any more. */
  #retired = false;

  constructor(port: MessagePortMain) {
    this.#port = port;
    port.on('close', () => this.close());
  }

  on(event: string, listener: Listener): void {
    if (event === 'close') this.#onClose.add(listener);
    else if (event === 'message') this.#port.on('message', (message) => this.#retired || listener(message));
  }

  postMessage(message: unknown): void {
    if (!this.#closed) this.#port.postMessage(message);
  }

  /** Takes no more calls; those that were taken are answered until it is closed. */
  retire(): void {
    this.#retired = true;
  }

  start(): void {
    this.#port.start();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#port.close();
    for (const listener of this.#onClose) listener();
  }
}
