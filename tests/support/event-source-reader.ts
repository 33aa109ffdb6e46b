/** A plain reader of server-sent events, as an agent without our client would write it. */
import type { EventEnvelope } from '../../src-contract/index.ts';

export interface StreamMessage {
  id: string;
  event: EventEnvelope;
}

/** A plain reader of server-sent events. */
export class EventSourceReader {
  readonly status: number;
  readonly headers: Headers;
  readonly #abort: AbortController;
  readonly #lines: AsyncGenerator<string>;

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    this.#lines = lines(response);
  }

  static async open(
    server: { url: string; token: string },
    query: string,
    options: { token?: string; last_event_id?: string } = {},
  ): Promise<EventSourceReader> {
    const abort = new AbortController();
    const response = await fetch(`${server.url}/api/events/stream${query}`, {
      headers: {
        authorization: `Bearer ${options.token ?? server.token}`,
        ...(options.last_event_id === undefined ? {} : { 'last-event-id': options.last_event_id }),
      },
      signal: abort.signal,
    });
    return new EventSourceReader(response, abort);
  }

  /** The next so many events; comments are passed over. */
  async take(count: number): Promise<StreamMessage[]> {
    const messages: StreamMessage[] = [];
    let fields: Record<string, string> = {};
    while (messages.length < count) {
      const { value: line, done } = await this.#lines.next();
      if (done) break;
      if (line === '') {
        if (fields.event === 'message') messages.push({ id: fields.id ?? '', event: JSON.parse(fields.data ?? '') });
        fields = {};
        continue;
      }
      const [name = '', ...rest] = line.split(':');
      if (name !== '') fields[name] = rest.join(':').trimStart();
    }
    return messages;
  }

  /** Waits for a comment, by which the server shows that it is there; events before it are passed over. */
  async comment(): Promise<void> {
    let next = await this.#lines.next();
    while (!next.done && !next.value.startsWith(':')) next = await this.#lines.next();
    if (next.done) throw new Error('the stream ended without a comment');
  }

  close(): void {
    this.#abort.abort();
  }
}

async function* lines(response: Response): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
