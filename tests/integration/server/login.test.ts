/** How a browser comes in, stays in and goes out. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OTHER_ORG_ID } from './support/test-server.ts';
import { ask, cookieOf, UiServer } from './support/ui-server.ts';

let server: UiServer;
beforeAll(async () => {
  server = await new UiServer().start();
});
afterAll(() => server?.remove());

const cookieName = () => `archon_session_${new URL(server.url).port}`;

const state = async (cookie?: string) =>
  (await ask(`${server.url}/auth/session`, { headers: cookie === undefined ? {} : { cookie } })).json();

const users = (cookie: string, headers: Record<string, string> = { 'sec-fetch-site': 'same-origin' }) =>
  ask(`${server.url}/api/memory/users`, { headers: { cookie, ...headers } });

describe('with a token', () => {
  it('lets a browser in, with a cookie no script and no other site gets at', async () => {
    const answer = await server.post('/auth/login', { token: server.newToken('mira').token });
    expect(answer.status).toBe(204);
    expect(answer.headers['set-cookie']).toHaveLength(1);
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      new RegExp(`^${cookieName()}=[\\w-]{43}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict$`),
    );
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await state(cookieOf(answer))).toEqual({ authenticated: true, token_name: 'mira' });
  });

  it('marks the cookie Secure behind a proxy that encrypts', async () => {
    const { host } = new URL(server.url);
    const origin = `https://${host}`;
    const answer = await server.post('/auth/login', { token: server.newToken().token }, { origin });
    expect(answer.headers['set-cookie']?.[0]).toContain('; Secure');
    const headers = { cookie: cookieOf(answer), 'x-forwarded-proto': 'https' };
    const again = await ask(`${server.url}/auth/session`, { headers });
    expect(again.headers['set-cookie']?.[0]).toContain('; Secure');
  });

  it('says that nobody is logged in without calling it an error', async () => {
    expect(await state()).toEqual({ authenticated: false, token_name: null });
    expect(await state(`${cookieName()}=${'x'.repeat(43)}`)).toEqual({ authenticated: false, token_name: null });
  });

  it.each([
    [{ token: 'archon_wrong' }, 401, 'UNAUTHORIZED'],
    [{ token: '' }, 400, 'VALIDATION_FAILED'],
    [{ token: 7 }, 400, 'VALIDATION_FAILED'],
    [{}, 400, 'VALIDATION_FAILED'],
    [{ token: 'x', more: 1 }, 400, 'VALIDATION_FAILED'],
    ['{', 400, 'VALIDATION_FAILED'],
    [{ token: 'x'.repeat(10_000) }, 413, 'PAYLOAD_TOO_LARGE'],
  ])('refuses %j without a cookie', async (body, status, code) => {
    const answer = await server.post('/auth/login', body);
    expect(answer.status).toBe(status);
    expect(answer.json()).toMatchObject({ code, status });
    expect(answer.headers['set-cookie']).toBeUndefined();
    server.clock.advance({ minutes: 2 });
  });

  it('refuses a form, which any page could send', async () => {
    const headers = server.ownPage({ 'content-type': 'application/x-www-form-urlencoded' });
    expect((await server.post('/auth/login', 'token=x', headers)).status).toBe(415);
  });

  it('refuses a revoked token, and one of the command line that ends with the server', async () => {
    const { token, token_id } = server.newToken();
    server.engine.tokens.revoke(token_id);
    expect((await server.post('/auth/login', { token })).status).toBe(401);
    const run = server.engine.tokens.createForThisRun({ org_id: OTHER_ORG_ID, actor: 'cli' });
    expect((await server.post('/auth/login', { token: run.token })).status).toBe(401);
    server.clock.advance({ minutes: 2 });
  });

  it('ends the session before when somebody logs in anew', async () => {
    const first = await server.logIn();
    const headers = server.ownPage({ cookie: first });
    const second = cookieOf(await server.post('/auth/login', { token: server.newToken().token }, headers));
    expect((await state(first)).authenticated).toBe(false);
    expect((await state(second)).authenticated).toBe(true);
  });

  it('keeps neither cookie nor token in the data folder or the log', async () => {
    const { token } = server.newToken();
    const secret = (await server.logIn(token)).split('=')[1] ?? '';
    const files = readdirSync(server.data_dir).filter((file) => file.startsWith('history.db'));
    expect(files).toContain('history.db-wal');
    for (const name of files) {
      const bytes = readFileSync(join(server.data_dir, name));
      expect(bytes.includes(secret), name).toBe(false);
      expect(bytes.includes(token), name).toBe(false);
    }
    expect(server.logged.join('')).not.toContain(secret);
    expect(server.logged.join('')).not.toContain(token);
  });
});

describe('guessing', () => {
  it('an address that failed ten times in a minute has to wait, even with the right token', async () => {
    server.clock.advance({ minutes: 2 });
    for (let turn = 0; turn < 10; turn += 1) {
      expect((await server.post('/auth/login', { token: `archon_${turn}` })).status).toBe(401);
    }
    const { token } = server.newToken();
    const refused = await server.post('/auth/login', { token });
    expect(refused.status).toBe(429);
    expect(refused.json().code).toBe('RATE_LIMITED');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await server.post('/auth/code', { code: 'x' })).status).toBe(429);
    server.clock.advance({ minutes: 1 });
    expect((await server.post('/auth/login', { token })).status).toBe(204);
  });

  it('counts guesses that are sent at once', async () => {
    server.clock.advance({ minutes: 2 });
    const guesses = Array.from({ length: 30 }, (_, turn) => server.post('/auth/login', { token: `archon_${turn}` }));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    server.clock.advance({ minutes: 2 });
  });
});

describe('guessing behind a proxy', () => {
  const guess = (at: UiServer, from: string) =>
    at.post('/auth/login', { token: 'archon_no' }, at.ownPage({ 'x-forwarded-for': from }));
  const guessTimes = async (at: UiServer, from: string, times: number) => {
    for (let turn = 0; turn < times; turn += 1) await guess(at, from);
  };

  it('holds off who guesses, not everybody else, where the proxy is trusted', async () => {
    const behind = await server.beside({ 'server.trusted_proxies': ['127.0.0.1'] });
    await guessTimes(behind, '198.51.100.7', 10);
    expect((await guess(behind, '198.51.100.7')).status).toBe(429);
    // What the caller writes before the proxy does is not believed.
    expect((await guess(behind, '203.0.113.1, 198.51.100.7')).status).toBe(429);
    expect((await guess(behind, '203.0.113.1')).status).toBe(401);
    const { token } = server.newToken();
    const mira = behind.ownPage({ 'x-forwarded-for': '203.0.113.1' });
    expect((await behind.post('/auth/login', { token }, mira)).status).toBe(204);
    await behind.remove();
  });

  it('does not believe the header where no proxy is trusted', async () => {
    const bare = await server.beside();
    for (let turn = 0; turn < 10; turn += 1) await guess(bare, `198.51.100.${turn}`);
    const refused = await guess(bare, '203.0.113.1');
    expect(refused.status).toBe(429);
    expect(refused.json().message).toMatch(/wait \d+ s/);
    await bare.remove();
  });

  it('holds everybody off when very many addresses guess', async () => {
    const behind = await server.beside({ 'server.trusted_proxies': ['127.0.0.1'] });
    for (let address = 0; address < 10; address += 1) await guessTimes(behind, `198.51.100.${address}`, 10);
    expect((await guess(behind, '203.0.113.1')).status).toBe(429);
    server.clock.advance({ minutes: 1 });
    expect((await guess(behind, '203.0.113.1')).status).toBe(401);
    await behind.remove();
  });
});

describe('login forgery: another page cannot log a browser in or out', () => {
  const elsewhere: [string, Record<string, string>][] = [
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another port of this computer', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['an old browser on another site', { origin: 'https://evil.example' }],
    ['a page that hides its origin', { 'sec-fetch-site': 'cross-site' }],
    ['nobody says where from', {}],
  ];

  it.each(elsewhere)('refuses %s', async (_who, headers) => {
    const { token } = server.newToken();
    const code = server.engine.loginCodes.create();
    for (const [path, body] of [
      ['/auth/login', { token }],
      ['/auth/code', { code }],
      ['/auth/logout', {}],
    ] as const) {
      const answer = await server.post(path, body, headers);
      expect(answer.status, path).toBe(403);
      expect(answer.headers['set-cookie'], path).toBeUndefined();
    }
    // The code was not used up by the attempt.
    expect((await server.post('/auth/code', { code })).status).toBe(204);
  });

  it('refuses a name that was made to point here', async () => {
    const headers = { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' };
    expect((await server.post('/auth/login', { token: server.newToken().token }, headers)).status).toBe(421);
  });

  it('takes a browser that sends no Sec-Fetch-Site by its origin', async () => {
    const answer = await server.post('/auth/login', { token: server.newToken().token }, { origin: server.url });
    expect(answer.status).toBe(204);
  });

  it.each(['/auth/login', '/auth/code', '/auth/logout'])('%s knows POST only', async (path) => {
    expect((await ask(server.url + path)).status).toBe(405);
  });
});

describe('with a code', () => {
  it('works once', async () => {
    const code = server.engine.loginCodes.create();
    const answer = await server.post('/auth/code', { code });
    expect(answer.status).toBe(204);
    expect(await state(cookieOf(answer))).toEqual({ authenticated: true, token_name: 'browser' });
    const again = await server.post('/auth/code', { code });
    expect(again.status).toBe(401);
    expect(again.json().message).toContain('archon login');
  });

  it('works once for many who try at the same time', async () => {
    const code = server.engine.loginCodes.create();
    const answers = await Promise.all(Array.from({ length: 5 }, () => server.post('/auth/code', { code })));
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    server.clock.advance({ minutes: 2 });
  });

  it('works for five minutes', async () => {
    const [early, late] = [server.engine.loginCodes.create(), server.engine.loginCodes.create()];
    server.clock.advance({ ms: 5 * 60_000 - 1 });
    expect((await server.post('/auth/code', { code: early })).status).toBe(204);
    server.clock.advance({ ms: 1 });
    expect((await server.post('/auth/code', { code: late })).status).toBe(401);
  });

  it('stands on one token, which can be revoked like any other, and is made anew then', async () => {
    const enter = async () => cookieOf(await server.post('/auth/code', { code: server.engine.loginCodes.create() }));
    const [one, two] = [await enter(), await enter()];
    const mine = () => server.engine.tokens.list().filter(({ name, revoked_at }) => name === 'browser' && !revoked_at);
    expect(mine()).toHaveLength(1);
    server.engine.tokens.revoke(mine()[0]?.token_id ?? '');
    for (const cookie of [one, two]) expect((await state(cookie)).authenticated).toBe(false);
    expect((await state(await enter())).authenticated).toBe(true);
    expect(mine()).toHaveLength(1);
  });
});

describe('a session', () => {
  it('lives on with use and ends thirty days after the last', async () => {
    const cookie = await server.logIn();
    server.clock.advance({ days: 29 });
    const answer = await ask(`${server.url}/auth/session`, { headers: { cookie } });
    expect(answer.json().authenticated).toBe(true);
    expect(answer.headers['set-cookie']?.[0]).toContain('Max-Age=2592000');
    server.clock.advance({ days: 29 });
    expect((await state(cookie)).authenticated).toBe(true);
    server.clock.advance({ days: 30 });
    const after = await ask(`${server.url}/auth/session`, { headers: { cookie } });
    expect(after.json().authenticated).toBe(false);
    expect(after.headers['set-cookie']?.[0]).toContain('Max-Age=0');
  });

  it('ends with logout', async () => {
    const cookie = await server.logIn();
    const answer = await server.post('/auth/logout', {}, server.ownPage({ cookie }));
    expect(answer.status).toBe(204);
    expect(answer.headers['set-cookie']?.[0]).toContain(`${cookieName()}=; Path=/; Max-Age=0`);
    expect((await state(cookie)).authenticated).toBe(false);
    expect((await users(cookie)).status).toBe(401);
  });

  it('ends with its token, at once', async () => {
    const { token, token_id } = server.newToken();
    const cookie = await server.logIn(token);
    server.engine.tokens.revoke(token_id);
    expect((await state(cookie)).authenticated).toBe(false);
    expect((await users(cookie)).status).toBe(401);
  });

  it('is not touched by another server of this computer, whose cookies the browser sends as well', async () => {
    const other = await new UiServer().start();
    const own = await server.logIn();
    const theirs = await other.logIn();
    // A browser keeps one cookie of a name for both.
    expect(own.split('=')[0]).not.toBe(theirs.split('=')[0]);
    const cookie = `${own}; ${theirs}`;
    expect((await state(cookie)).authenticated).toBe(true);
    await other.post('/auth/logout', {}, other.ownPage({ cookie }));
    const answer = await ask(`${other.url}/auth/session`, { headers: { cookie: own } });
    expect(answer.json().authenticated).toBe(false);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect((await state(cookie)).authenticated).toBe(true);
    await other.remove();
  });

  it('has a cookie without a port where the address has none', async () => {
    for (const host of ['localhost', '[::1]']) {
      const headers = { host, cookie: `${cookieName()}=${'x'.repeat(43)}; archon_session=${'y'.repeat(43)}` };
      const answer = await ask(`${server.url}/auth/session`, { headers });
      expect(answer.headers['set-cookie']).toEqual([expect.stringMatching(/^archon_session=; .*Max-Age=0/)]);
    }
  });

  it('outlives a restart of the server', async () => {
    const cookie = await server.logIn(server.newToken('stays').token);
    await server.stop();
    await server.start();
    // The test's server gets another port each time.
    expect(await state(cookie.replace(/^[^=]+/, cookieName()))).toEqual({ authenticated: true, token_name: 'stays' });
  });
});

describe('a cookie on the HTTP API', () => {
  it('counts for our own page, in the organisation of its token', async () => {
    const written = await server.post(
      '/api/memory/working',
      { user_id: 'theirs', memory_type: 'action', content: { text: 'x' } },
      server.ownPage({ cookie: await server.logIn(server.newToken('stranger', OTHER_ORG_ID).token) }),
    );
    expect(written.status).toBe(201);
    expect(written.json().org_id).toBe(OTHER_ORG_ID);
    expect((await users(await server.logIn())).json().items).toEqual([]);
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this computer', { 'sec-fetch-site': 'same-site' }],
    ['an address typed by hand', { 'sec-fetch-site': 'none' }],
    ['a browser that does not say', {}],
  ])('does not count for %s', async (_who, headers) => {
    const cookie = await server.logIn();
    expect((await users(cookie, headers)).status).toBe(401);
    const memory = { user_id: 'forged', memory_type: 'action', content: { text: 'x' } };
    expect((await server.post('/api/memory/working', memory, { cookie, ...headers })).status).toBe(401);
  });

  it('counts for our own page where the browser does not say which: over plain HTTP under another name', async () => {
    const cookie = await server.logIn();
    const { host } = new URL(server.url);
    const memory = { user_id: 'own', memory_type: 'action', content: { text: 'x' } };
    const write = (headers: Record<string, string>) =>
      server.post('/api/memory/working', memory, { cookie, ...headers });
    expect((await users(cookie, { referer: `${server.url}/` })).status).toBe(200);
    expect((await users(cookie, { origin: server.url })).status).toBe(200);
    expect((await write({ origin: server.url })).status).toBe(201);

    // A referrer alone is enough to read only; what it names must be us.
    expect((await write({ referer: `${server.url}/` })).status).toBe(401);
    for (const elsewhere of ['http://evil.example', 'http://127.0.0.1:1', `http://${host}.evil.example`, 'null', 'x']) {
      expect((await users(cookie, { referer: `${elsewhere}/?${server.url}/` })).status, elsewhere).toBe(401);
      expect((await users(cookie, { origin: elsewhere, referer: `${server.url}/` })).status, elsewhere).toBe(401);
      expect((await write({ origin: elsewhere })).status, elsewhere).toBe(401);
    }
    const lying = { 'sec-fetch-site': 'cross-site', origin: server.url, referer: `${server.url}/` };
    expect((await users(cookie, lying)).status).toBe(401);
  });

  it('a token goes first: a wrong one is refused in spite of the cookie', async () => {
    const cookie = await server.logIn();
    const headers = { 'sec-fetch-site': 'same-origin', authorization: 'Bearer archon_wrong' };
    expect((await users(cookie, headers)).status).toBe(401);
  });

  it('downloads an export and takes an upload', async () => {
    const cookie = await server.logIn();
    const headers = server.ownPage({ cookie });
    const job = (await server.post('/api/memory/export', { scope: { kind: 'org' } }, headers)).json();
    const path = `/api/memory/jobs/${job.job_id}`;
    while ((await ask(server.url + path, { headers })).json().state === 'running')
      await new Promise((go) => setTimeout(go, 20));
    const file = await ask(`${server.url}/api/memory/exports/${job.job_id}/file`, { headers });
    expect(file.status).toBe(200);
    expect(file.headers['content-type']).toBe('application/gzip');
    expect([...file.body.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    const begun = await server.post('/api/memory/import/uploads', { name: 'a.jsonl', size: 3 }, headers);
    const form = new FormData();
    form.append('offset', '0');
    form.append('chunk', new Blob(['abc']), 'a.jsonl');
    const packed = new Response(form);
    const sent = await ask(`${server.url}/api/memory/import/uploads/${begun.json().upload_id}`, {
      method: 'PUT',
      headers: { ...headers, 'content-type': packed.headers.get('content-type') ?? '' },
      body: Buffer.from(await packed.arrayBuffer()),
    });
    expect(sent.json()).toMatchObject({ received: 3 });
  });
});

describe('without a user interface', () => {
  it('server.ui=false takes away login, cookies and WebSocket', async () => {
    const bare = await server.beside({ 'server.ui': false });
    expect((await ask(`${bare.url}/`)).body.toString()).toContain('server.ui');
    expect((await bare.post('/auth/login', { token: bare.newToken().token })).status).toBe(404);
    expect(await bare.upgradeStatus({ origin: bare.url })).toBe(404);
    await bare.remove();
  });
});
