/** A client that says exactly what a test tells it to, where `pg` would not. */
import type { Duplex } from 'node:stream';
import { FrameSplitter } from '../../src-main/storage/embedded/frame-splitter.ts';
import { frameType, readError, startupPacket } from '../../src-main/storage/embedded/wire-frames.ts';
import type { EmbeddedDatabase } from './embedded-cluster.ts';

export class WireClient {
  readonly #stream: Duplex;
  readonly #splitter = new FrameSplitter({ typed: true });
  #raw = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  private constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      this.#raw = Buffer.concat([this.#raw, chunk]);
      this.#wake();
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Connects without saying anything. */
  static async dial(database: EmbeddedDatabase): Promise<WireClient> {
    const stream = database.postgres.poolConfig.stream?.();
    if (!stream) throw new Error('no stream');
    const connected = new Promise((resolve) => stream.once('connect', resolve));
    (stream as Duplex & { connect(): void }).connect();
    await connected;
    return new WireClient(stream);
  }

  static async connect(database: EmbeddedDatabase): Promise<WireClient> {
    const client = await WireClient.dial(database);
    client.send(startupPacket({ user: 'postgres', database: 'postgres' }));
    await client.until('Z');
    return client;
  }

  send(...messages: Buffer[]): void {
    this.#stream.write(Buffer.concat(messages));
  }

  /** Raw bytes, for answers that are no frames. */
  async bytes(count: number): Promise<Buffer> {
    while (this.#raw.length < count && !this.#ended) await this.#more();
    const taken = this.#raw.subarray(0, count);
    this.#raw = this.#raw.subarray(count);
    return taken;
  }

  /** Frames up to and with the next of this type, or all up to the end of the connection. */
  async until(type: string): Promise<Buffer[]> {
    const frames: Buffer[] = [];
    for (;;) {
      this.#splitter.push(this.#raw);
      this.#raw = Buffer.alloc(0);
      for (let frame = this.#splitter.next(); frame; frame = this.#splitter.next()) {
        frames.push(frame);
        if (frameType(frame) === type) return frames;
      }
      if (this.#ended) return frames;
      await this.#more();
    }
  }

  /** Ends without a word, as a killed process does. */
  vanish(): void {
    this.#stream.destroy();
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Types of frames in one string, such as "12DCZ". */
export const types = (frames: readonly Buffer[]): string => frames.map(frameType).join('');

/** SQLSTATEs of the errors among the frames. */
export const errorCodes = (frames: readonly Buffer[]): string[] =>
  frames.filter((frame) => frameType(frame) === 'E').map((frame) => readError(frame).code);
