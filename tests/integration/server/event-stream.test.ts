/** The event stream over HTTP, as server-sent events: what an agent or a browser without our client sees. */
import { createORPCClient } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, contract, type EventEnvelope } from '../../../src-contract/index.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

interface Message {
  id: string;
  event: EventEnvelope;
}

/** A plain reader of server-sent events. */
class EventSourceReader {
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
    server: TestServer,
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
    const reader = new EventSourceReader(response, abort);
    readers.push(reader);
    return reader;
  }

  /** The next so many events; comments are passed over. */
  async take(count: number): Promise<Message[]> {
    const messages: Message[] = [];
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

let server: TestServer;
const readers: EventSourceReader[] = [];
beforeAll(async () => {
  server = await startTestServer();
});
afterEach(() => {
  for (const reader of readers.splice(0)) reader.close();
});
afterAll(() => server?.stop());

const remember = async (text: string, { user_id = 'ana', token = server.token } = {}): Promise<string> => {
  const body = JSON.stringify({ user_id, memory_type: 'fact', content: { text } });
  const answer = await server.call('POST', '/api/memory/longterm', { body, token });
  expect(answer.status).toBe(201);
  return answer.body.id;
};
const memoryIds = (messages: readonly Message[]) => messages.map(({ event }) => event.payload.memory_id);

describe('the event stream', () => {
  it('tells of a memory as soon as it is written', async () => {
    const reader = await EventSourceReader.open(server, '');
    expect(reader.status).toBe(200);
    expect(reader.headers.get('content-type')).toBe('text/event-stream');
    expect(reader.headers.get('cache-control')).toContain('no-store');
    const id = await remember('Ana sails.');
    const [message] = await reader.take(1);
    expect(message?.id).toBe(message?.event.id);
    expect(message?.event).toMatchObject({
      type: 'memory.longterm.created',
      user_id: 'ana',
      actor: 'agent',
      payload: { memory_id: id, memory_type: 'fact' },
    });
  });

  it('goes on after the Last-Event-ID of a reader that was cut off, without a gap or a repetition', async () => {
    const first = await EventSourceReader.open(server, '');
    const written = [await remember('one'), await remember('two')];
    const seen = await first.take(1);
    first.close();
    written.push(await remember('three'));
    const second = await EventSourceReader.open(server, '?after_id=0', { last_event_id: seen[0]?.id ?? '' });
    written.push(await remember('four'));
    expect(memoryIds([...seen, ...(await second.take(3))])).toEqual(written);
  });

  it('keeps to a user and to types', async () => {
    const reader = await EventSourceReader.open(
      server,
      '?user_id=ben&types=memory.longterm.created&types=memory.session.created',
    );
    await remember('of another user');
    const working = { user_id: 'ben', memory_type: 'action', content: { text: 'of another type' } };
    await server.call('POST', '/api/memory/working', { body: JSON.stringify(working) });
    const id = await remember('wanted', { user_id: 'ben' });
    const begun = { user_id: 'ben', session_id: 'bens' };
    await server.call('POST', '/api/memory/sessions', { body: JSON.stringify(begun) });
    const told = await reader.take(2);
    expect(told.map(({ event }) => event.payload)).toEqual([
      { memory_id: id, memory_type: 'fact' },
      { session_id: 'bens' },
    ]);
  });

  it('tells another organisation nothing, not even from the beginning of the log', async () => {
    await remember('a secret');
    const reader = await EventSourceReader.open(server, '?after_id=0', { token: server.other_token });
    await remember('another secret');
    const id = await remember('their own', { token: server.other_token });
    expect(memoryIds(await reader.take(1))).toEqual([id]);
  });

  it('refuses a wrong token and a Last-Event-ID that is none', async () => {
    expect((await EventSourceReader.open(server, '', { token: 'wrong' })).status).toBe(401);
    for (const last_event_id of ['x', '-1', '1e9', "1' OR 1=1", '9'.repeat(30)]) {
      expect((await EventSourceReader.open(server, '', { last_event_id })).status, last_event_id).toBe(400);
    }
    expect((await server.call('GET', '/api/events/stream?types=nothing.such')).status).toBe(400);
  });

  it('is an event iterator to our own client, which knows the ids too', async () => {
    const link = new OpenAPILink(contract, { url: server.url, headers: { authorization: `Bearer ${server.token}` } });
    const client = createORPCClient<ArchonClient>(link);
    const events = await client.events.stream({ types: ['memory.longterm.created'] });
    const id = await remember('iterated');
    expect(await events.next()).toMatchObject({ value: { payload: { memory_id: id, memory_type: 'fact' } } });
    await events.return?.();
  });

  it('lets go of its readers when they leave', async () => {
    const { events } = server.engine.services;
    await expect.poll(() => events.readers).toBe(0);
    const reader = await EventSourceReader.open(server, '');
    expect(events.readers).toBe(1);
    reader.close();
    await expect.poll(() => events.readers).toBe(0);
    expect(server.logged).toEqual([]);
  });
});
