/** Tells for how long a peer has taken nothing of what waits for it. */
import type { Socket } from 'node:net';

export class StallWatch {
  #taken_bytes = -1;
  #since_ms = 0;

  /** Milliseconds since the peer last took something, 0 while nothing waits. `now_ms` is of a steady clock. */
  stalledMs(socket: Pick<Socket, 'bytesWritten' | 'writableLength'>, now_ms: number): number {
    // `bytesWritten` counts what waits as well.
    const taken_bytes = socket.bytesWritten - socket.writableLength;
    if (socket.writableLength === 0 || taken_bytes !== this.#taken_bytes) {
      this.#taken_bytes = taken_bytes;
      this.#since_ms = now_ms;
    }
    return now_ms - this.#since_ms;
  }
}
