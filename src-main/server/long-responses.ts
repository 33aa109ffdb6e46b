/** Looks after answers that take long: event streams and downloads. */
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { StallWatch } from './stall-watch.ts';

interface LongResponse {
  response: ServerResponse;
  /** What its body comes from; nothing is written that does not come from there. */
  source: Readable;
  stall: StallWatch;
  isAllowed: () => boolean;
}

export class LongResponses {
  readonly #stall_ms: number;
  readonly #logger: Logger;
  readonly #open = new Set<LongResponse>();
  #stopping = false;

  /** @param stall_ms milliseconds a reader may take nothing before it is cut off */
  constructor(stall_ms: number, logger: Logger) {
    this.#stall_ms = stall_ms;
    this.#logger = logger;
  }

  /** Call it before the answer begins. `isAllowed` is asked again while an event stream runs. */
  watch(response: ServerResponse, isAllowed: () => boolean): void {
    response.once('pipe', (source: Readable) => {
      const entry: LongResponse = { response, source, stall: new StallWatch(), isAllowed };
      this.#open.add(entry);
      response.once('close', () => this.#open.delete(entry));
      if (this.#stopping && isEventStream(response)) end(entry);
    });
  }

  /** Cuts off readers that take nothing, and ends event streams whose caller is not welcome any more. */
  check(now_ms: number): void {
    for (const entry of this.#open) {
      try {
        this.#look(entry, now_ms);
      } catch (error) {
        // history.db cannot be read just now. Nobody called us but a timer: thrown on, it would end the process.
        this.#logger.error({ err: error }, 'looking at a long answer failed');
      }
    }
  }

  #look(entry: LongResponse, now_ms: number): void {
    const { response, stall, isAllowed } = entry;
    if (response.socket !== null && stall.stalledMs(response.socket, now_ms) > this.#stall_ms) {
      this.#logger.warn('a reader took nothing of an answer for too long; it is cut off');
      response.destroy();
    } else if (isEventStream(response) && !isAllowed()) end(entry);
  }

  /** The server stops: event streams have no end of their own to wait for. Downloads may finish. */
  stop(): void {
    this.#stopping = true;
    this.endStreams();
  }

  /** Ends the event streams that are open; others may be opened after. */
  endStreams(): void {
    for (const entry of this.#open) if (isEventStream(entry.response)) end(entry);
  }
}

const isEventStream = (response: ServerResponse): boolean =>
  String(response.getHeader('content-type')).startsWith('text/event-stream');

/** Ends in order, so that the reader sees an end and not a broken connection. */
function end({ response, source }: LongResponse): void {
  source.unpipe(response);
  response.end();
}
