/** The routes over a WebSocket: who gets one, what goes over it, and what ends it. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ORPCError } from '@orpc/client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { RPC_CLOSE, requireDone } from '../../../src-contract/index.ts';
import { sqliteMigrationsFolder } from '../../../src-main/app-files.ts';
import { ApiTokens } from '../../../src-main/identity/api-tokens.ts';
import { HistoryStore } from '../../../src-main/storage/history-store.ts';
import { OTHER_ORG_ID } from './support/test-server.ts';
import { ask, UiServer } from './support/ui-server.ts';

const BODY_LIMIT = 200_000;

let server: UiServer;
beforeAll(async () => {
  server = await new UiServer({ 'server.body_limit_bytes': BODY_LIMIT }).start();
});
afterAll(() => server?.remove());
afterEach(() => vi.restoreAllMocks());

const memory = (text: string) => ({ user_id: 'mira', memory_type: 'action', content: { text } }) as const;

/** The error a call ends with. */
async function failure(call: Promise<unknown>): Promise<ORPCError<string, unknown>> {
  const error = await call.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(ORPCError);
  return error;
}

describe('calls', () => {
  it('are made in the organisation and under the name of the token that logged in', async () => {
    const { client, socket } = await server.connect(
      await server.logIn(server.newToken('stranger', OTHER_ORG_ID).token),
    );
    const spy = vi.spyOn(server.engine.services.working, 'create');
    expect(await client.working.create(memory('theirs'))).toMatchObject({ org_id: OTHER_ORG_ID });
    expect(spy.mock.calls[0]?.[0]).toEqual({ org_id: OTHER_ORG_ID, actor: 'stranger' });
    socket.close();
  });

  it('answer many at once, each its own', async () => {
    const { client, socket } = await server.connect(await server.logIn());
    const texts = Array.from({ length: 20 }, (_, index) => `note ${index}`);
    const made = await Promise.all(texts.map((text) => client.working.create(memory(text))));
    expect(made.map((answer) => requireDone(answer).content.text)).toEqual(texts);
    socket.close();
  });

  it('carry a piece of a file', async () => {
    const { client, socket } = await server.connect(await server.logIn());
    const { upload_id } = await client.transfer.beginUpload({ name: 'a.jsonl', size: 3 });
    const chunk = new File(['abc'], 'a.jsonl');
    expect(await client.transfer.sendChunk({ upload_id, offset: 0, chunk })).toMatchObject({ received: 3 });
    socket.close();
  });

  it('do not carry an archive, which would have to be in memory as a whole', async () => {
    const { client, socket } = await server.connect(await server.logIn());
    const job_id = '019a0000-0000-7000-8000-000000000001';
    expect((await failure(client.transfer.download({ job_id }))).status).toBe(404);
    socket.close();
  });
});

describe('a session', () => {
  it('lives on while its page is in use', async () => {
    const cookie = await server.logIn();
    const { client, socket, closed } = await server.connect(cookie);
    for (let month = 0; month < 3; month += 1) {
      server.clock.advance({ days: 29 });
      await client.app.status();
    }
    const answer = await ask(`${server.url}/auth/session`, { headers: { cookie } });
    expect(answer.json().authenticated).toBe(true);
    socket.close();
    await closed;
  });

  it('has so many event streams in one window, and no more', async () => {
    const { client, socket } = await server.connect(await server.logIn());
    const streams = [];
    for (let number = 0; number < 8; number += 1) streams.push(await client.events.stream({}));
    expect((await failure(client.events.stream({}))).code).toBe('RATE_LIMITED');
    // Calls are no streams.
    expect((await client.health.live()).status).toBe('ok');
    await streams[0]?.return();
    const again = async () =>
      await client.events.stream({}).then(
        () => 'open',
        () => 'refused',
      );
    await expect.poll(again, { timeout: 30_000 }).toBe('open');
    socket.close();
  });
});

describe('errors are those of the HTTP API', () => {
  const cases = [
    ['a field that is not valid', { user_id: '', memory_type: 'nonsense', content: { text: 'x' } }],
    ['an unknown field', { ...memory('x'), colour: 'red' }],
    ['no fields at all', {}],
  ] as const;

  it.each(cases)('%s', async (_what, input) => {
    const cookie = await server.logIn();
    const { client, socket } = await server.connect(cookie);
    const rest = await server.post('/api/memory/working', input, server.ownPage({ cookie }));
    expect(rest.status).toBe(400);
    const error = await failure(client.working.create(input as never));
    expect(JSON.parse(JSON.stringify(error.toJSON()))).toEqual(rest.json());
    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.defined).toBe(true);
    socket.close();
  });

  it('a key that could become a prototype, which oRPC itself would not send', async () => {
    const cookie = await server.logIn();
    const input = `{"user_id":"mira","memory_type":"action","content":{"text":"x"},"metadata":{"__proto__":{"a":1}}}`;
    const rest = await server.post('/api/memory/working', input, server.ownPage({ cookie }));
    const { socket } = await server.connect(cookie);
    const answered = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))));
    socket.send(`{"i":1,"p":{"u":"/working/create","b":{"json":${input}}}}`);
    expect(JSON.parse(await answered)).toMatchObject({ i: 1, p: { s: 400, b: { json: rest.json() } } });
    expect(rest.json().data.field).toBe('metadata.__proto__');
    socket.close();
  });

  it('something that is not there', async () => {
    const cookie = await server.logIn();
    const { client, socket } = await server.connect(cookie);
    const id = '019a0000-0000-7000-8000-000000000001';
    const rest = await ask(`${server.url}/api/memory/working/${id}`, { headers: server.ownPage({ cookie }) });
    const error = await failure(client.working.get({ id }));
    expect(JSON.parse(JSON.stringify(error.toJSON()))).toEqual(rest.json());
    expect(error.code).toBe('NOT_FOUND');
    socket.close();
  });

  it('too many calls, counted together with those over HTTP', async () => {
    const limited = await server.beside({ 'server.rate_limit_per_minute': 5 });
    const cookie = await limited.logIn();
    const { client, socket } = await limited.connect(cookie);
    const overHttp = () => ask(`${limited.url}/api/memory/users`, { headers: limited.ownPage({ cookie }) });
    expect((await overHttp()).status).toBe(200);
    expect((await overHttp()).status).toBe(200);
    await client.memories.users({});
    await client.memories.users({});
    const error = await failure(client.memories.users({}));
    expect(error).toMatchObject({ code: 'RATE_LIMITED', status: 429, defined: true });
    expect((await overHttp()).status).toBe(429);
    expect(await limited.upgradeStatus({ origin: limited.url, cookie })).toBe(429);
    socket.close();
    await limited.remove();
  });
});

describe('only our own page of somebody logged in gets a WebSocket', () => {
  it('with origin and cookie', async () => {
    expect(await server.upgradeStatus({ origin: server.url, cookie: await server.logIn() })).toBe(101);
  });

  it.each([
    ['another site', 'https://evil.example'],
    ['another port of this computer', 'http://127.0.0.1:1'],
    ['this server under another name', 'http://localhost:<port>'],
    ['a sandboxed frame', 'null'],
    ['a name that begins like ours', 'http://127.0.0.1:<port>.evil.example'],
    ['more than an origin', 'http://127.0.0.1:<port>/x'],
    ['something that is no origin', 'nonsense'],
    ['an extension', 'chrome-extension://abcdef'],
  ])('refuses %s', async (_who, pattern) => {
    const origin = pattern.replace('<port>', new URL(server.url).port);
    expect(await server.upgradeStatus({ origin, cookie: await server.logIn() })).toBe(403);
  });

  it('refuses who does not say where from', async () => {
    expect(await server.upgradeStatus({ cookie: await server.logIn() })).toBe(403);
  });

  it('refuses a name that was made to point here (DNS rebinding)', async () => {
    const host = `evil.example:${new URL(server.url).port}`;
    expect(await server.upgradeStatus({ host, origin: `http://${host}`, cookie: await server.logIn() })).toBe(421);
  });

  it('refuses who is not logged in, or not any more', async () => {
    const origin = server.url;
    const { token, token_id } = server.newToken();
    const cookie = await server.logIn(token);
    server.engine.tokens.revoke(token_id);
    expect(await server.upgradeStatus({ origin })).toBe(401);
    expect(await server.upgradeStatus({ origin, cookie })).toBe(401);
    expect(await server.upgradeStatus({ origin, cookie: `${cookie.split('=')[0]}=${'x'.repeat(43)}` })).toBe(401);
    expect(await server.upgradeStatus({ origin, authorization: `Bearer ${server.newToken().token}` })).toBe(401);
  });

  it('offers of other protocols, and WebSockets elsewhere, are ordinary requests', async () => {
    expect(await server.upgradeStatus({ upgrade: 'h2c' }, '/health')).toBe(200);
    expect(await server.upgradeStatus({ origin: server.url, cookie: await server.logIn() }, '/api/x')).toBe(404);
  });

  it('does not take more sockets of one session than is sensible', async () => {
    const small = await server.beside({}, { sockets: { per_session: 2, in_all: 3 } });
    const [one, two] = [await small.logIn(), await small.logIn()];
    const first = await small.connect(one);
    await small.connect(one);
    expect(await small.upgradeStatus({ origin: small.url, cookie: one })).toBe(429);
    await small.connect(two);
    expect(await small.upgradeStatus({ origin: small.url, cookie: two })).toBe(429);
    first.socket.close();
    await first.closed;
    await vi.waitFor(async () => expect(await small.upgradeStatus({ origin: small.url, cookie: two })).toBe(101));
    await small.remove();
  });
});

describe('what ends a connection', () => {
  it('a message larger than a request body may be', async () => {
    const { client, closed } = await server.connect(await server.logIn());
    const call = client.working.create(memory('x'.repeat(BODY_LIMIT + 100_000))).catch(() => 'failed');
    expect((await closed).code).toBe(1009);
    expect(await call).toBe('failed');
  });

  it.each(['{', 'hello', '[]', 'null', '42', '{"i":1}', '{"i":1,"p":{}}', '{"i":1,"p":{"u":"http://"}}'])(
    'the message %s, which is no call; others go on',
    async (message) => {
      const cookie = await server.logIn();
      const other = await server.connect(cookie);
      const { socket, closed } = await server.connect(cookie);
      socket.send(message);
      expect(await closed).toEqual(RPC_CLOSE.NOT_A_CALL);
      await other.client.memories.users({});
      other.socket.close();
    },
  );

  it('bytes that are no call', async () => {
    const { socket, closed } = await server.connect(await server.logIn());
    socket.send(Buffer.from([1, 2, 255, 3]));
    expect(await closed).toEqual(RPC_CLOSE.NOT_A_CALL);
  });

  it('logging out, in every window of that session and no other', async () => {
    const [mine, other] = [await server.logIn(), await server.logIn()];
    const windows = [await server.connect(mine), await server.connect(mine)];
    const stays = await server.connect(other);
    await server.post('/auth/logout', {}, server.ownPage({ cookie: mine }));
    for (const { closed } of windows) expect(await closed).toEqual(RPC_CLOSE.SESSION_ENDED);
    await stays.client.memories.users({});
    stays.socket.close();
  });

  it('revoking the token, also from another process', async () => {
    const { token, token_id } = server.newToken();
    const { closed } = await server.connect(await server.logIn(token));
    const history = new HistoryStore(join(server.data_dir, 'history.db'), sqliteMigrationsFolder);
    new ApiTokens(history.db, server.clock).revoke(token_id);
    history.close();
    expect(await closed).toEqual(RPC_CLOSE.SESSION_ENDED);
  });

  it('the end of the session; a call that comes first is refused and does nothing', async () => {
    const patient = await server.beside({}, { check_ms: 3_600_000 });
    const { token, token_id } = patient.newToken();
    const { client, closed } = await patient.connect(await patient.logIn(token));
    patient.engine.tokens.revoke(token_id);
    const create = vi.spyOn(patient.engine.services.working, 'create');
    await client.working.create(memory('too late')).catch(() => {});
    expect(await closed).toEqual(RPC_CLOSE.SESSION_ENDED);
    expect(create).not.toHaveBeenCalled();
    await patient.remove();
  });

  it('silence: a peer that does not answer is gone, one that does stays', async () => {
    const watchful = await server.beside({}, { sockets: { heartbeat_ms: 300 } });
    const cookie = await watchful.logIn();
    const lively = await watchful.connect(cookie);
    const headers = { cookie };
    const dead = new WebSocket(`${watchful.url.replace('http', 'ws')}/rpc`, {
      origin: watchful.url,
      headers,
      autoPong: false,
    });
    const code = await new Promise((resolve) => dead.once('close', resolve));
    expect(code).toBe(1006);
    await lively.client.memories.users({});
    lively.socket.close();
    await watchful.remove();
  });

  it('a reader that takes nothing of what waits for it', async () => {
    const strict = await server.beside({}, { sockets: { stall_ms: 200 } });
    const { client, socket, closed } = await strict.connect(await strict.logIn());
    for (let index = 0; index < 10; index += 1) await client.working.create(memory('x'.repeat(90_000)));
    socket.pause();
    // More than the system keeps for a connection.
    for (let index = 0; index < 60; index += 1) {
      void client.working.list({ user_id: 'mira' }).catch(() => {});
    }
    await vi.waitFor(() => expect(strict.logged.join('')).toContain('the reader is too slow'), 20_000);
    socket.resume();
    expect([RPC_CLOSE.TOO_SLOW.code, 1006]).toContain((await closed).code);
    await strict.remove();
  });
});

describe('when the server stops', () => {
  it('says so to every window, and closes', async () => {
    const stopping = await server.beside();
    const cookie = await stopping.logIn();
    const windows = [await stopping.connect(cookie), await stopping.connect(cookie)];
    await stopping.stopServer();
    for (const { closed } of windows) expect(await closed).toEqual(RPC_CLOSE.GOING_AWAY);
    await stopping.remove();
  });

  it('lets a call finish that is under way', async () => {
    const stopping = await server.beside();
    const { client, closed } = await stopping.connect(await stopping.logIn());
    const gate = Promise.withResolvers<never>();
    const users = vi.spyOn(stopping.engine.services.memories, 'users').mockReturnValue(gate.promise);
    const answer = client.memories.users({});
    await vi.waitFor(() => expect(users).toHaveBeenCalled());
    const stopped = stopping.stopServer();
    await wait(50);
    gate.resolve({ items: [], next_cursor: null } as never);
    expect(await answer).toMatchObject({ items: [] });
    expect(await closed).toEqual(RPC_CLOSE.GOING_AWAY);
    await stopped;
    await stopping.remove();
  });

  it('does not wait for a peer that is gone', async () => {
    const stopping = await server.beside();
    const { socket } = await stopping.connect(await stopping.logIn());
    socket.pause();
    await stopping.stopServer();
    socket.terminate();
    await stopping.remove();
  });
});
