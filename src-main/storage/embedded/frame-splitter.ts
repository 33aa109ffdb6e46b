import { ProtocolViolation } from './protocol-violation.ts';

/** PostgreSQL takes 1 GiB; here the memory of the whole backend is at most 2 GiB. */
export const MAX_MESSAGE_BYTES = 2 ** 28;
/** As PostgreSQL (MAX_STARTUP_PACKET_LENGTH). */
const MAX_STARTUP_BYTES = 10_000;

/**
 * Cuts a byte stream into frames, however the stream was chunked.
 *
 * Chunks are kept as they came and joined once per frame, so a large frame in many chunks costs one copy.
 * A frame that lies within one chunk is a view of it.
 */
export class FrameSplitter {
  /** False while startup packets come, which have no type byte. */
  typed: boolean;
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(options: { typed: boolean }) {
    this.typed = options.typed;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The next whole frame, header included, or null when more bytes are needed. */
  next(): Buffer | null {
    const length_at = this.typed ? 1 : 0;
    const header_bytes = length_at + 4;
    if (this.#bytes < header_bytes) return null;
    const declared = this.#head(header_bytes).readInt32BE(length_at);
    const limit = this.typed ? MAX_MESSAGE_BYTES : MAX_STARTUP_BYTES;
    if (declared < 4 || declared > limit) throw new ProtocolViolation(`invalid message length ${declared}`);
    const bytes = length_at + declared;
    return this.#bytes < bytes ? null : this.#take(bytes);
  }

  /** The first chunk, made long enough to read a header from. */
  #head(bytes: number): Buffer {
    const first = this.#chunks[0] ?? Buffer.alloc(0);
    if (first.length >= bytes) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #take(bytes: number): Buffer {
    const parts: Buffer[] = [];
    let missing = bytes;
    let used = 0;
    for (const chunk of this.#chunks) {
      if (missing < chunk.length) {
        if (missing > 0) parts.push(chunk.subarray(0, missing));
        this.#chunks[used] = chunk.subarray(missing);
        break;
      }
      parts.push(chunk);
      missing -= chunk.length;
      used += 1;
    }
    this.#chunks.splice(0, used);
    this.#bytes -= bytes;
    const [only] = parts;
    return parts.length === 1 && only ? only : Buffer.concat(parts);
  }
}
