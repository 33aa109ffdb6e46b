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

  constructor(port: MessagePortMain) {
    this.#port = port;
    port.on('close', () => this.close());
  }

  on(event: string, listener: Listener): void {
    if (event === 'close') this.#onClose.add(listener);
    else if (event === 'message') this.#port.on('message', listener);
  }

  postMessage(message: unknown): void {
    if (!this.#closed) this.#port.postMessage(message);
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
