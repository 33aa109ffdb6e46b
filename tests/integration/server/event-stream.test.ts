/** The event stream over HTTP, as server-sent events: what an agent or a browser without our client sees. */
import diagnostics from 'node:diagnostics_channel';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { createORPCClient } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, contract } from '../../../src-contract/index.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { EventSourceReader, type StreamMessage } from '../../support/event-source-reader.ts';
import { startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;
const readers: EventSourceReader[] = [];
const open: typeof EventSourceReader.open = async (...args) => {
  const reader = await EventSourceReader.open(...args);
  readers.push(reader);
  return reader;
};
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
const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
const memoryIds = (messages: readonly StreamMessage[]) => messages.map(({ event }) => event.payload.memory_id);

describe('the event stream', () => {
  it('tells of a memory as soon as it is written', async () => {
    const reader = await open(server, '');
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
    const first = await open(server, '');
    const written = [await remember('one'), await remember('two')];
    const seen = await first.take(1);
    first.close();
    written.push(await remember('three'));
    const second = await open(server, '?after_id=0', { last_event_id: seen[0]?.id ?? '' });
    written.push(await remember('four'));
    expect(memoryIds([...seen, ...(await second.take(3))])).toEqual(written);
  });

  it('keeps to a user and to types', async () => {
    const reader = await open(server, '?user_id=ben&types=memory.longterm.created&types=memory.session.created');
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
    const reader = await open(server, '?after_id=0', { token: server.other_token });
    await remember('another secret');
    const id = await remember('their own', { token: server.other_token });
    expect(memoryIds(await reader.take(1))).toEqual([id]);
  });

  it('refuses a wrong token and a Last-Event-ID that is none', async () => {
    expect((await open(server, '', { token: 'wrong' })).status).toBe(401);
    for (const last_event_id of ['x', '-1', '1e9', "1' OR 1=1", '9'.repeat(30)]) {
      expect((await open(server, '', { last_event_id })).status, last_event_id).toBe(400);
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

  it('shows that it is there while nothing happens', async () => {
    const reader = await open(server, '?types=memory.user.erased');
    await reader.comment();
    await reader.comment();
  });

  it('serves 200 readers, each of every event once and in order', { timeout: 60_000 }, async () => {
    const all = await Promise.all(Array.from({ length: 200 }, () => open(server, '?user_id=many')));
    const written: string[] = [];
    for (let n = 0; n < 10; n += 1) written.push(await remember(`many ${n}`, { user_id: 'many' }));
    const told = await Promise.all(all.map((reader) => reader.take(written.length)));
    for (const messages of told) expect(memoryIds(messages)).toEqual(written);
  });

  it('keeps next to nothing for a reader that takes nothing, who finds everything later', {
    timeout: 60_000,
  }, async () => {
    const answers: ServerResponse[] = [];
    const onStart = (message: unknown) => answers.push((message as { response: ServerResponse }).response);
    diagnostics.subscribe('http.server.request.start', onStart);
    const socket = connect({ port: Number(new URL(server.url).port), host: '127.0.0.1' });
    try {
      socket.pause();
      const head = `GET /api/events/stream?types=settings.changed HTTP/1.1\r\nhost: 127.0.0.1\r\n`;
      socket.write(`${head}authorization: Bearer ${server.token}\r\n\r\n`);
      const answer = () => answers.find((one) => one.req.url?.includes('settings.changed'));
      // Then it is known where in the log this reader begins.
      await expect.poll(() => answer()?.headersSent).toBe(true);
      const count = 3000;
      // 60 MB: far more than a connection holds on its way.
      await server.engine.database.withScope(scope, (tx) =>
        tx.sql(
          `INSERT INTO archon_events (org_id, type, actor, payload)
           SELECT $1, 'settings.changed', 'test', jsonb_build_object('keys', jsonb_build_array(n::text, repeat('x', 20000)))
           FROM generate_series(1, ${count}) AS n`,
          [scope.org_id],
        ),
      );
      await remember('wakes the readers');
      let most_waiting = 0;
      let sent = -1;
      await expect
        .poll(
          () => {
            const { socket: stream } = answer() ?? {};
            const waiting = (answer()?.writableLength ?? 0) + (stream?.writableLength ?? 0);
            most_waiting = Math.max(most_waiting, waiting);
            const now = stream?.bytesWritten ?? 0;
            const same = now === sent && now > 0;
            sent = now;
            return same;
          },
          { interval: 300, timeout: 30_000 },
        )
        .toBe(true);
      expect(sent).toBeLessThan(30_000_000);
      expect(most_waiting).toBeLessThan(1_000_000);
      const seen: number[] = [];
      let rest = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        const events = (rest + chunk).split('\n\n');
        rest = events.pop() ?? '';
        for (const event of events) {
          const key = /"keys":\["(\d+)"/.exec(event)?.[1];
          if (key) seen.push(Number(key));
        }
      });
      socket.resume();
      await expect.poll(() => seen.length, { timeout: 30_000 }).toBe(count);
      expect(seen).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    } finally {
      socket.destroy();
      diagnostics.unsubscribe('http.server.request.start', onStart);
    }
  });

  it('lets go of its readers when they leave', async () => {
    const { events } = server.engine.services;
    await expect.poll(() => events.readers).toBe(0);
    const reader = await open(server, '');
    expect(events.readers).toBe(1);
    reader.close();
    await expect.poll(() => events.readers).toBe(0);
    expect(server.logged).toEqual([]);
  });
});
