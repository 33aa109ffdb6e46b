import type { MessagePort } from 'node:worker_threads';

/** Answers travel in pieces of about this size: large enough to be few, small enough to arrive while more is made. */
const BATCH_BYTES = 64 * 1024;

/** Collects frames for a client and posts them together. */
export class SessionOutput {
  readonly #port: MessagePort;
  #frames: Buffer[] = [];
  #bytes = 0;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  write(frame: Buffer): void {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    if (this.#bytes >= BATCH_BYTES) this.flush();
  }

  flush(): void {
    if (this.#bytes === 0) return;
    // A buffer of its own can be handed over without copying; a slice of Node's pool could not.
    const batch = new Uint8Array(this.#bytes);
    let offset = 0;
    for (const frame of this.#frames) {
      batch.set(frame, offset);
      offset += frame.length;
    }
    this.#frames = [];
    this.#bytes = 0;
    this.#port.postMessage(batch, [batch.buffer]);
  }

  /** Sends what is left, says that it was all, and hangs up. */
  close(): void {
    this.flush();
    this.#port.postMessage(null);
    this.#port.close();
  }
}
