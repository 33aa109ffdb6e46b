/**
 * The client's end of a session: a stream that `pg` takes in place of a socket.
 *
 * Writes are posted at once and never pushed back: `pg` does not heed backpressure either, and what is in flight is
 * bounded by what its callers wait for.
 */
import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';

/** How long the reason of a lost connection is waited for. */
const LOST_AFTER_MS = 2_000;

/** Opens the other end of a session in the worker; rejects while there is no worker to take it. */
export type OpenSession = () => Promise<MessagePort>;

export class PortStream extends Duplex {
  readonly #open: OpenSession;
  #port: MessagePort | null = null;
  /** The server said goodbye, so that the end of the port is no failure. */
  #ended = false;
  #referenced = true;

  constructor(open: OpenSession) {
    super({ decodeStrings: true });
    this.#open = open;
  }

  /** As `net.Socket`; where to connect to is known already. */
  connect(): this {
    this.#open().then(
      (port) => this.#attach(port),
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    this.#referenced = true;
    this.#port?.ref();
    return this;
  }

  unref(): this {
    this.#referenced = false;
    this.#port?.unref();
    return this;
  }

  override _read(): void {
    // Pushed as it comes.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#post([chunk]);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#post(chunks.map(({ chunk }) => chunk));
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#port?.postMessage(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#ended = true;
    this.#port?.close();
    done(error);
  }

  #attach(port: MessagePort): void {
    if (this.destroyed) {
      port.close();
      return;
    }
    this.#port = port;
    port.on('message', (chunk: Uint8Array | null) => {
      if (chunk === null) {
        this.#ended = true;
        this.push(null);
      } else {
        this.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      }
    });
    port.on('close', () => {
      if (this.#ended) this.destroy();
      // The thread is going down; its owner ends this stream with the reason, as soon as that is known.
      else setTimeout(() => this.destroy(connectionLost()), LOST_AFTER_MS).unref();
    });
    if (!this.#referenced) port.unref();
    this.emit('connect');
  }

  #post(chunks: Buffer[]): void {
    // A copy of its own, handed over: a slice of Node's buffer pool would be sent with the whole pool behind it.
    const message = new Uint8Array(Buffer.concat(chunks));
    this.#port?.postMessage(message, [message.buffer]);
  }
}

function connectionLost(): Error {
  return Object.assign(new Error('the embedded database closed the connection'), { code: 'ECONNRESET' });
}
