import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { ApiTokens } from '../identity/api-tokens.ts';
import { LOCAL_ORG_ID, type Scope } from '../identity/scope.ts';
import type { Services } from '../services.ts';
import { type Config, defaultConfig } from '../settings/config-schema.ts';
import { ListenRefusedError } from './bind-rules.ts';
import { HttpServer, type HttpServerOptions } from './http-server.ts';

const MIGRATION = readFileSync(new URL('../../migrations/sqlite/0001_foundation.sql', import.meta.url), 'utf8');
const LIMIT = 10_000;

/** What the routes were called with. */
let calls: { scope: Scope; input: unknown }[] = [];
/** Lets a test hold a request open. */
let gate: Promise<void> | undefined;
let token: string;
let tokens: ApiTokens;
let base: string;
let server: HttpServer;

beforeAll(async () => {
  const db = new BetterSqlite3(':memory:');
  db.exec(MIGRATION);
  tokens = new ApiTokens(db, systemClock);
  token = tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID }).token;
  ({ server, url: base } = await startServer({ 'server.body_limit_bytes': LIMIT }));
});
afterAll(() => server.stop());
afterEach(() => {
  calls = [];
  gate = undefined;
});

/** A server on an engine that only notes what it is asked. */
async function startServer(
  settings: Partial<Config>,
  limits: HttpServerOptions['limits'] = {},
  options: Partial<HttpServerOptions> = {},
): Promise<{ server: HttpServer; url: string; local_url: string }> {
  const answer = async (scope: Scope, input: unknown) => {
    calls.push({ scope, input });
    await gate;
    return {
      hits: [],
      query_terms: [],
      took_ms: 0,
      items: [],
      next_cursor: null,
      scored_at: '2026-01-01T00:00:00.000Z',
    };
  };
  const services = {
    resilience: { withinDeadline: (work: () => Promise<unknown>) => work() },
    app: { profile: () => null },
    health: { live: () => ({ status: 'ok', version: 'test' }) },
    metrics: { recorder: { called: () => {} } },
    search: { query: answer },
    working: { list: answer },
    transfer: { receiveChunk: async (_scope: Scope, upload_id: string) => ({ upload_id, received: 3 }) },
  } as unknown as Services;
  const engine = { services, tokens, organisations: { ensure: async () => {} } } as unknown as Engine;
  const config = { ...defaultConfig('/nowhere'), 'server.port': 0, ...settings };
  // Whether this checkout was built must not matter.
  const ui_dir = '/nowhere';
  const started = new HttpServer({ engine, config, logger: pino({ level: 'silent' }), limits, ui_dir, ...options });
  return { server: started, ...(await started.start()) };
}

const SEARCH = '/api/memory/search';
const json = (body: unknown, more: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const search = (body: unknown, more?: Record<string, string>) => fetch(base + SEARCH, json(body, more));
const list = (query: string) =>
  fetch(`${base}/api/memory/working?${query}`, { headers: { authorization: `Bearer ${token}` } });

async function expectError(response: Response, status: number, code: string, field?: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/json');
  const body = await response.json();
  expect(body).toMatchObject({ code, status, ...(field === undefined ? {} : { data: { field } }) });
  expect(typeof body.defined).toBe('boolean');
  expect(body.message.length).toBeGreaterThan(0);
  expect(calls).toEqual([]);
}

/** Sends bytes as they are and reads until the server closes or one answer is whole. */
async function raw(text: string, url = base): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  let received = '';
  return await new Promise((resolve, reject) => {
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
    socket.write(text);
  });
}

describe('who may call', () => {
  it('asks for a token, and tells how', async () => {
    const response = await fetch(base + SEARCH, { method: 'POST', body: '{}' });
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="archon"');
    await expectError(response, 401, 'UNAUTHORIZED');
  });

  it.each(['Bearer wrong', 'Bearer', 'Basic dXNlcjpwYXNz', 'Bearer a b', 'archon_x'])(
    'refuses the header "%s"',
    async (authorization) => {
      const response = await search({ user_id: 'u', query: 'q' }, { authorization });
      expect(response.headers.get('www-authenticate')).toContain('invalid_token');
      await expectError(response, 401, 'UNAUTHORIZED');
    },
  );

  it('calls the route for the organisation and under the name of the token', async () => {
    const other = '00000000-0000-7000-8000-0000000000ff';
    const { token: theirs } = tokens.create({ name: 'their agent', org_id: other });
    const response = await search({ user_id: 'u', query: 'q' }, { authorization: `bearer ${theirs}` });
    expect(response.status).toBe(200);
    expect(calls[0]?.scope).toEqual({ org_id: other, actor: 'their agent' });
  });

  it('answers /health and the pages for people without one', async () => {
    for (const path of ['/health', '/', '/api/docs', '/api/docs/', '/api/openapi.json', '/api/docs/swagger-ui.css']) {
      expect((await fetch(base + path)).status, path).toBe(200);
    }
  });

  it('refuses names of other hosts, so that a web page cannot reach it by DNS rebinding', async () => {
    const { port } = new URL(base);
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', '192.168.1.1', '']) {
      const answer = await raw(`GET /health HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
      expect(answer, host).toContain(' 421 ');
      expect(answer, host).toContain('"code":"HOST_NOT_ALLOWED"');
    }
    for (const host of ['localhost', `LOCALHOST:${port}`, `127.0.0.1:${port}`, '[::1]', `[::1]:${port}`]) {
      const answer = await raw(`GET /health HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
      expect(answer, host).toContain(' 200 ');
    }
  });

  it('allows no other origin to read answers', async () => {
    const response = await search({ user_id: 'u', query: 'q' }, { origin: 'https://evil.example' });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(base + SEARCH, { method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
    expect(preflight.status).toBe(405);
  });

  it('tells a caller who calls too often when to come again', async () => {
    const limited = await startServer({ 'server.rate_limit_per_minute': 2 });
    const call = () => fetch(limited.url + SEARCH, json({ user_id: 'u', query: 'q' }));
    expect((await call()).status).toBe(200);
    expect((await call()).status).toBe(200);
    calls = [];
    const refused = await call();
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await expectError(refused, 429, 'RATE_LIMITED');
    await limited.server.stop();
  });
});

describe('what it sends with every answer', () => {
  it.each([SEARCH, '/health', '/', '/api/docs', '/nothing'])('sets the security headers on %s', async (path) => {
    const { headers } = await fetch(base + path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  it('loads nothing from elsewhere into the API reference', async () => {
    const html = await (await fetch(`${base}/api/docs`)).text();
    const css = await (await fetch(`${base}/api/docs/swagger-ui.css`)).text();
    expect(html).not.toMatch(/https?:\/\//);
    expect(css).not.toMatch(/url\(["']?https?:/);
  });

  it('describes every route in the OpenAPI document', async () => {
    const document = await (await fetch(`${base}/api/openapi.json`)).json();
    expect(document.openapi).toMatch(/^3\.1/);
    expect(document.security).toEqual([{ token: [] }]);
    expect(document.paths['/health'].get.security).toEqual([]);
    expect(document.paths[SEARCH].post.responses['401'].content['application/json'].schema.$ref).toBe(
      '#/components/schemas/Error',
    );
  });
});

describe('paths and methods', () => {
  it.each(['/nothing', '/api', '/api/memory', '/api/memory/session//messages', '/api/docs/../../etc/passwd', '//'])(
    'answers 404 to %s',
    async (path) => expectError(await fetch(base + path), 404, 'NOT_FOUND'),
  );

  it('says which methods a path knows', async () => {
    const response = await fetch(base + SEARCH, { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('POST');
    await expectError(response, 405, 'METHOD_NOT_ALLOWED');
    expect((await fetch(`${base}/`, { method: 'POST' })).status).toBe(405);
  });

  it('answers HEAD where it answers GET, without a body', async () => {
    const { host } = new URL(base);
    for (const path of ['/api/docs', '/health', '/api/memory/working?user_id=u']) {
      const answer = await raw(
        `HEAD ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
      );
      expect(answer, path).toContain(' 200 ');
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4), path).toBe('');
    }
    const unknown = await fetch(`${base}/api/memory/working`, { method: 'HEAD' });
    expect(unknown.status).toBe(401);
    expect(await unknown.text()).toBe('');
    expect((await fetch(base + SEARCH, { method: 'HEAD' })).headers.get('allow')).toBe('POST');
  });
});

describe('bodies', () => {
  it.each([
    ['', 'user_id'],
    ['{', 'body'],
    ['[]', 'body'],
    ['null', 'body'],
    ['"text"', 'body'],
    ['{"a":1}}', 'body'],
    ['{"user_id":"u","query":"q",}', 'body'],
  ])('names the body or the field when it is %j', async (body, field) => {
    await expectError(await search(body), 400, 'VALIDATION_FAILED', field);
  });

  it.each([
    ['{"user_id":"u","query":"q","__proto__":{"admin":true}}', '__proto__'],
    ['{"user_id":"u","query":"q","tags":[{"x":{"__proto__":1}}]}', 'tags[0].x.__proto__'],
    ['{"user_id":"u","query":"q","\\u005f_proto__":1}', '__proto__'],
  ])('refuses the key that could become a prototype: %s', async (body, field) => {
    await expectError(await search(body), 400, 'VALIDATION_FAILED', field);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('{"user_id":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]);
    const response = await fetch(base + SEARCH, { ...json(''), body: bytes });
    await expectError(response, 400, 'VALIDATION_FAILED', 'body');
  });

  it.each([
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/json; charset=latin1' },
    { 'content-type': 'multipart/form-data; boundary=x' },
    { 'content-encoding': 'gzip' },
  ])('refuses %j', async (headers) => {
    await expectError(await search('{"user_id":"u","query":"q"}', headers), 415, 'UNSUPPORTED_MEDIA_TYPE');
  });

  it('refuses a body that is larger than the limit by its announced length', async () => {
    await expectError(await search(JSON.stringify({ query: 'x'.repeat(LIMIT) })), 413, 'PAYLOAD_TOO_LARGE');
  });

  it('refuses one that grows beyond the limit, and still lets the client read why', async () => {
    const { port } = new URL(base);
    const headers = json('').headers as http.OutgoingHttpHeaders;
    const request = http.request({ port, path: SEARCH, method: 'POST', headers });
    const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
      request.on('response', resolve);
      request.on('error', reject);
    });
    const piece = Buffer.alloc(LIMIT, 'x');
    for (let sent = 0; sent < 100; sent += 1) request.write(piece);
    request.end();
    const response = await answered;
    expect(response.statusCode).toBe(413);
    expect(response.headers.connection).toBe('close');
    let body = '';
    for await (const chunk of response) body += chunk;
    expect(JSON.parse(body).code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('does not ask for a body it will not take', async () => {
    const { port, host } = new URL(base);
    const answer = await raw(
      `POST ${SEARCH} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
        'content-length: 20\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n',
    );
    expect(port).not.toBe('');
    expect(answer).not.toContain('100 Continue');
    expect(answer).toContain(' 401 ');
  });

  it('asks for one it takes', async () => {
    const { host } = new URL(base);
    const body = '{"user_id":"u","query":"q"}';
    const answer = await raw(
      `POST ${SEARCH} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n${body}`,
    );
    expect(answer).toContain('100 Continue');
    expect(answer).toContain(' 200 ');
  });

  it('answers a flood of headers with 431', async () => {
    const { host } = new URL(base);
    const answer = await raw(`GET /health HTTP/1.1\r\nhost: ${host}\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`);
    expect(answer).toContain(' 431 ');
    expect(answer).toContain('"code":"HEADERS_TOO_LARGE"');
  });

  it('answers what is not HTTP with 400', async () => {
    expect(await raw('hello there\r\n\r\n')).toContain(' 400 ');
  });

  it('takes a form for a file', async () => {
    const form = new FormData();
    form.append('offset', '0');
    form.append('chunk', new Blob(['abc']), 'a.jsonl');
    const url = `${base}/api/memory/import/uploads/019a0000-0000-7000-8000-000000000001`;
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(url, { method: 'PUT', headers, body: form })).status).toBe(200);
    const asJson = { ...json({ offset: 0, chunk: 'abc' }), method: 'PUT' };
    await expectError(await fetch(url, asJson), 415, 'UNSUPPORTED_MEDIA_TYPE');
    const broken = {
      method: 'PUT',
      headers: { ...headers, 'content-type': 'multipart/form-data; boundary=x' },
      body: 'y',
    };
    await expectError(await fetch(url, broken), 400, 'VALIDATION_FAILED', 'body');
  });

  it('refuses an idempotency key no write could carry', async () => {
    const response = await search({ user_id: 'u', query: 'q' }, { 'idempotency-key': 'k'.repeat(201) });
    await expectError(response, 400, 'VALIDATION_FAILED', 'Idempotency-Key');
  });
});

describe('values', () => {
  it('reads numbers, switches and lists of a query string', async () => {
    const response = await list('user_id=u&limit=3&include_deleted=true&min_relevance=0.5&tags=a&tags=b');
    expect(response.status).toBe(200);
    expect(calls[0]?.input).toMatchObject({ limit: 3, include_deleted: true, min_relevance: 0.5, tags: ['a', 'b'] });
  });

  it.each([
    ['1', true],
    ['true', true],
    ['0', false],
    ['false', false],
  ])('reads the switch %s', async (written, include_expired) => {
    await list(`user_id=u&include_expired=${written}`);
    expect(calls[0]?.input).toMatchObject({ include_expired });
  });

  it.each(['tags=a', 'tags[]=a', 'tags[0]=a'])('takes %s as a list of one', async (query) => {
    await list(`user_id=u&${query}`);
    expect(calls[0]?.input).toMatchObject({ tags: ['a'] });
  });

  it.each([
    ['limit=-1', 'limit'],
    ['limit=abc', 'limit'],
    ['limit=1e9', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=0x10', 'limit'],
    ['limit=%2B5', 'limit'],
    ['limit=5.0', 'limit'],
    ['limit=%205', 'limit'],
    ['limit=', 'limit'],
    ['min_relevance=.5', 'min_relevance'],
    ['min_relevance=1e-1', 'min_relevance'],
    ['include_expired=on', 'include_expired'],
    ['include_expired=TRUE', 'include_expired'],
    ['limit=1&limit=2', 'limit'],
    ['include_deleted=maybe', 'include_deleted'],
    ['colour=red', 'colour'],
    ['__proto__=1', '__proto__'],
    ['constructor[prototype][x]=1', 'constructor'],
    ['user_id[x]=1', 'user_id'],
    ['tags=%00', 'tags[0]'],
  ])('refuses %s and names the field', async (query, field) => {
    await expectError(
      await list(query.startsWith('user_id') ? query : `user_id=u&${query}`),
      400,
      'VALIDATION_FAILED',
      field,
    );
  });

  it('keeps a text in JSON a text', async () => {
    await expectError(await search({ user_id: 'u', query: 'q', limit: '5' }), 400, 'VALIDATION_FAILED', 'limit');
  });
});

describe('where it listens', () => {
  const refused = async (settings: Partial<Config>) =>
    await startServer(settings).then(
      () => undefined,
      (error) => error,
    );

  it('refuses an address others can reach without TLS, and says what to do', async () => {
    const error = await refused({ 'server.host': '0.0.0.0' });
    expect(error).toBeInstanceOf(ListenRefusedError);
    expect(error.message).toContain('server.allow_remote');
  });

  it('says which port is taken', async () => {
    const error = await refused({ 'server.port': Number(new URL(base).port) });
    expect(error).toBeInstanceOf(ListenRefusedError);
    expect(error.message).toContain('--server-port');
  });

  it('says which address is not ours', async () => {
    const error = await refused({ 'server.host': '192.0.2.1', 'server.allow_remote': true });
    expect(error.message).toContain('server.host');
  });

  it('says which TLS file cannot be read', async () => {
    const error = await refused({ 'server.tls_cert_file': '/no/cert', 'server.tls_key_file': '/no/key' });
    expect(error.message).toContain('server.tls_cert_file: /no/cert');
  });
});

describe('clients that are slow or go away', () => {
  it('gives up a request that does not come to its end', async () => {
    const hasty = await startServer({}, { requestTimeout: 50, headersTimeout: 50, connectionsCheckingInterval: 20 });
    const { host } = new URL(hasty.url);
    const head =
      `POST ${SEARCH} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n` +
      'content-type: application/json\r\ncontent-length: 100\r\n\r\n';
    expect(await raw(`${head}{"user_id":`, hasty.url)).toContain('"code":"REQUEST_TIMEOUT"');
    expect(await raw('GET /health HTTP/1.1\r\nhost:', hasty.url)).toContain(' 408 ');
    await hasty.server.stop();
  });

  it('goes on when a client hangs up in the middle of its body', async () => {
    const { port, hostname, host } = new URL(base);
    const socket = net.connect(Number(port), hostname);
    socket.write(
      `POST ${SEARCH} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n` +
        'content-type: application/json\r\ncontent-length: 100\r\n\r\n{"user_id":',
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
    expect((await fetch(`${base}/health`)).status).toBe(200);
    expect(calls).toEqual([]);
  });
});

const openssl = spawnSync('openssl', ['version']).status === 0;

describe('TLS', () => {
  it.runIf(openssl)('serves HTTPS, and the command line of this computer without', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'archon-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
    spawnSync('openssl', [...request, '-keyout', key, '-out', cert]);
    const secure = await startServer({ 'server.tls_cert_file': cert, 'server.tls_key_file': key });
    expect(secure.url).toMatch(/^https:/);
    expect(new URL(secure.local_url).hostname).toBe('127.0.0.1');
    expect((await fetch(`${secure.local_url}/health`)).status).toBe(200);
    const status = await new Promise((resolve, reject) => {
      const options = { ca: readFileSync(cert), servername: 'localhost', headers: { host: 'localhost' } };
      https.get(`${secure.url}/health`, options, (response) => resolve(response.statusCode)).on('error', reject);
    });
    expect(status).toBe(200);
    await secure.server.stop();
    rmSync(folder, { recursive: true });
  });
});

describe('stopping', () => {
  it('lets a request finish that is under way, and takes no new one', async () => {
    const stopping = await startServer({});
    const opened = Promise.withResolvers<void>();
    gate = opened.promise;
    const answered = fetch(stopping.url + SEARCH, json({ user_id: 'u', query: 'q' }));
    while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const stopped = stopping.server.stop();
    await expect(fetch(`${stopping.url}/health`)).rejects.toThrow();
    opened.resolve();
    expect((await answered).status).toBe(200);
    await stopped;
  });

  const HANDSHAKE =
    'GET /rpc HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\n' +
    'sec-websocket-version: 13\r\nsec-websocket-key: a2tra2tra2tra2tra2traw==\r\n\r\n';

  it.each([
    // The answer to a handshake ends its connection; a long time to drain must not be needed.
    ['a WebSocket was refused', HANDSHAKE, 403, 60_000],
    // What is broken lingers a moment, so that its answer can be read; the stop does not wait for it.
    ['a request was broken', 'no HTTP\r\n\r\n', 400, 50],
  ])('does not wait for a client that never closes after %s', async (_what, text, status, drain_ms) => {
    const stopping = await startServer({}, {}, { drain_ms });
    const { hostname, port } = new URL(stopping.url);
    const clients = Array.from({ length: 3 }, () =>
      net.connect({ host: hostname, port: Number(port), allowHalfOpen: true }),
    );
    await Promise.all(
      clients.map(async (client) => {
        client.on('error', () => {});
        client.write(text);
        const [answer] = await once(client, 'data');
        expect(String(answer)).toContain(`HTTP/1.1 ${status} `);
      }),
    );
    const began = performance.now();
    await stopping.server.stop();
    expect(performance.now() - began).toBeLessThan(900);
    for (const client of clients) client.destroy();
  });
});
