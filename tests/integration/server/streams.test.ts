/** Event streams through the server: over HTTP as server-sent events, and over the WebSocket of a page. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RPC_CLOSE } from '../../../src-contract/index.ts';
import { ask, UiServer } from './support/ui-server.ts';

let server: UiServer;
beforeAll(async () => {
  server = await new UiServer().start();
});
afterAll(() => server?.remove());

const memory = (text: string) => ({ user_id: 'mira', memory_type: 'action', content: { text } }) as const;

/** A stream of server-sent events: its text so far, and how it ended. */
async function listen(host: UiServer, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${host.url}/api/events/stream`, { headers });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  return {
    response,
    /** Reads until the text has come, or the stream ended. */
    until: async (wanted: string): Promise<string> => {
      while (!text.includes(wanted)) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`ended before ${wanted}: ${text}`);
        text += decoder.decode(value, { stream: true });
      }
      return text;
    },
    /** Resolves when the stream ended in order; throws when it was cut. */
    ended: async (): Promise<void> => {
      while (!(await reader.read()).done);
    },
  };
}

describe('over HTTP', () => {
  it('events arrive as they happen', async () => {
    const { token } = server.newToken();
    const stream = await listen(server, token);
    expect(stream.response.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.response.headers.get('cache-control')).toBe('no-store');
    await server.post('/api/memory/working', memory('one'), { authorization: `Bearer ${token}` });
    expect(await stream.until('memory.working.created')).toMatch(/^id: \d+$/m);
  });

  it('the stream ends with its token', async () => {
    const { token, token_id } = server.newToken();
    const stream = await listen(server, token);
    server.engine.tokens.revoke(token_id);
    await stream.ended();
  });

  it('a stop of the server ends the streams at once, in order', async () => {
    const stopping = await server.beside();
    const { token } = stopping.newToken();
    const streams = [await listen(stopping, token), await listen(stopping, token)];
    const ends = Promise.all(streams.map((stream) => stream.ended()));
    await stopping.stopServer();
    await ends;
  });
});

describe('over the WebSocket', () => {
  it('events arrive as they happen, beside calls', async () => {
    const { client, socket } = await server.connect(await server.logIn());
    const events = await client.events.stream({ user_id: 'mira' });
    const made = await client.working.create(memory('two'));
    const { value } = await events.next();
    expect(value).toMatchObject({ type: 'memory.working.created', payload: { memory_id: made.id } });
    await events.return?.();
    await client.memories.users({});
    socket.close();
  });

  it('a stop of the server does not wait for them', async () => {
    const stopping = await server.beside();
    const { client, closed } = await stopping.connect(await stopping.logIn());
    const events = await client.events.stream({});
    const next = events.next().then(
      () => 'event',
      () => 'cut',
    );
    await stopping.stopServer();
    expect(await closed).toEqual(RPC_CLOSE.GOING_AWAY);
    expect(await next).toBe('cut');
  });
});

describe('who is a person', () => {
  it('somebody logged in may make a token for an agent, an agent may not', async () => {
    const cookie = await server.logIn();
    const { client, socket } = await server.connect(cookie);
    expect(await client.app.createToken({ name: 'over the socket' })).toMatchObject({ name: 'over the socket' });
    expect((await server.post('/api/tokens', { name: 'over HTTP' }, server.ownPage({ cookie }))).status).toBe(201);
    const authorization = `Bearer ${server.newToken().token}`;
    expect((await server.post('/api/tokens', { name: 'by an agent' }, { authorization })).status).toBe(403);
    socket.close();
  });

  it('is told where agents reach the API', async () => {
    const cookie = await server.logIn();
    const { client, socket } = await server.connect(cookie);
    const status = await client.app.status();
    expect(status.api).toEqual({ url: server.url, problem: null });
    expect(status.host).toBe('server');
    expect(status.data_dir).toBeNull();
    const rest = await ask(`${server.url}/api/status`, { headers: server.ownPage({ cookie }) });
    expect(rest.json().api).toEqual({ url: server.url, problem: null });
    socket.close();
  });
});
