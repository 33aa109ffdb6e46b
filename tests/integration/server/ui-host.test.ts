/** The user interface as `archon serve` hands it out. */
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, UI_FILES, UiServer } from './support/ui-server.ts';

let server: UiServer;
beforeAll(async () => {
  server = await new UiServer().start();
});
afterAll(() => server?.remove());

const get = (path: string, headers: Record<string, string> = {}) => ask(server.url, { path, headers });
const INDEX = UI_FILES['index.html'] ?? '';
const SCRIPT = UI_FILES['assets/app-1a2b.js'] ?? '';

describe('views', () => {
  it.each(['/', '/index.html', '/memory', '/memory/users/mira?tab=working', '/settings/', '/no/such/view'])(
    'answers %s with the page',
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(200);
      expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.body.toString()).toBe(INDEX);
    },
  );

  it('tells the page that somebody is logged in, and keeps their cookie', async () => {
    const cookie = await server.logIn();
    const known = await get('/memory', { cookie });
    expect(known.body.toString()).toBe(INDEX.replace('<head>', '<head><meta name="archon-session" content="open">'));
    expect(known.headers['cache-control']).toBe('no-store');
    expect(known.headers['set-cookie']?.[0]).toContain(cookie);
    expect(known.headers['set-cookie']?.[0]).toContain('Max-Age=2592000');
    await server.post('/auth/logout', {}, server.ownPage({ cookie }));
    const ended = await get('/memory', { cookie });
    expect(ended.body.toString()).toBe(INDEX);
    expect(ended.headers['set-cookie']?.[0]).toContain('Max-Age=0');
    expect((await get('/memory')).headers['set-cookie']).toBeUndefined();
  });

  it('takes a dot for the start of a file extension, unless a person opens the address', async () => {
    expect((await get('/memory/users/jo.smith')).status).toBe(404);
    expect((await get('/memory/users/jo.smith', { 'sec-fetch-dest': 'document' })).status).toBe(200);
  });

  it.each([
    '/api',
    '/api/nothing',
    '/auth',
    '/auth/x',
    '/rpc',
    '/metrics/x',
    '/health/x',
    '/assets/',
    '/assets/no.js',
    '//x',
  ])('does not take %s for a view', async (path) => {
    const answer = await get(path, { 'sec-fetch-dest': 'document' });
    expect(answer.status).toBe(404);
    expect(answer.json().code).toBe('NOT_FOUND');
  });

  it('leaves API, reference and health what they were', async () => {
    expect((await get('/health')).json().status).toBe('ok');
    expect((await get('/api/docs')).body.toString()).toContain('API reference');
    expect((await get('/api/openapi.json')).json().openapi).toMatch(/^3\.1/);
    expect((await get('/api/memory/users')).status).toBe(401);
    expect((await get('/metrics', { 'sec-fetch-dest': 'document' })).status).toBe(401);
    expect((await ask(server.url, { method: 'POST' })).status).toBe(405);
    expect((await ask(server.url, { method: 'POST', path: '/memory' })).status).toBe(404);
  });
});

describe('files', () => {
  it.each([
    ['/assets/app-1a2b.js', 'text/javascript; charset=utf-8'],
    ['/assets/app-1a2b.js.map', 'application/json'],
    ['/assets/app-1a2b.css', 'text/css; charset=utf-8'],
    ['/assets/font-3c4d.woff2', 'font/woff2'],
    ['/assets/code-5e6f.wasm', 'application/wasm'],
  ])('serves %s as what it is, to be kept for a year', async (path, type) => {
    const answer = await get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer.body.toString('latin1')).toBe(UI_FILES[path.slice(1)]);
  });

  it('lets a browser ask whether a file whose name stays has changed', async () => {
    const first = await get('/icon.svg');
    expect(first.headers['content-type']).toBe('image/svg+xml');
    expect(first.headers['cache-control']).toBe('no-cache');
    const again = await get('/icon.svg', { 'if-none-match': String(first.headers.etag) });
    expect(again.status).toBe(304);
    expect(again.body).toHaveLength(0);
    expect((await get('/icon.svg', { 'if-none-match': '"another"' })).status).toBe(200);
  });

  it.each([
    ['br', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
    ['deflate', undefined, (body: Buffer) => body],
    ['', undefined, (body: Buffer) => body],
  ])('compresses for a browser that accepts "%s"', async (accepted, encoding, unpack) => {
    const answer = await get('/assets/app-1a2b.js', { 'accept-encoding': accepted });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers.vary).toBe('accept-encoding');
    expect(Number(answer.headers['content-length'])).toBe(answer.body.length);
    expect(unpack(answer.body).toString()).toBe(SCRIPT);
    if (encoding !== undefined) expect(answer.body.length).toBeLessThan(SCRIPT.length / 5);
  });

  it('does not compress what is compressed already, or tiny', async () => {
    for (const path of ['/assets/font-3c4d.woff2', '/assets/app-1a2b.css']) {
      expect((await get(path, { 'accept-encoding': 'br' })).headers['content-encoding'], path).toBeUndefined();
    }
  });

  it('answers HEAD without a body', async () => {
    const answer = await ask(server.url, { method: 'HEAD', path: '/assets/app-1a2b.js' });
    expect(answer.status).toBe(200);
    expect(Number(answer.headers['content-length'])).toBe(SCRIPT.length);
    expect(answer.body).toHaveLength(0);
  });
});

describe('no path leads out of the folder', () => {
  const paths = [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/....//secret.txt',
    '/assets/..;/secret.txt',
    '/%252e%252e/secret.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/assets/app-1a2b.js%00.txt',
    '/%00secret.txt',
    '/assets//app-1a2b.js',
    '/assets/app-1a2b.js/..%2f..%2f..%2fsecret.txt',
    '/C:/secret.txt',
    '/file:///etc/passwd',
    '//etc/passwd.txt',
    '/%',
    '/%zz.txt',
    '/link.txt',
  ];
  beforeAll(() => symlinkSync(join(server.data_dir, 'secret.txt'), join(server.ui_dir, 'link.txt')));

  it.each(paths)('%s', async (path) => {
    for (const headers of [{}, { 'sec-fetch-dest': 'document' }]) {
      const answer = await get(path, headers as Record<string, string>);
      expect(answer.body.toString()).not.toContain('not for the web');
      expect(answer.body.toString()).not.toContain('root:');
      expect([INDEX, ''].includes(answer.body.toString()) || answer.json().code === 'NOT_FOUND').toBe(true);
    }
  });
});

describe('what the page may do', () => {
  it('runs our own scripts only, talks to this server only, and stands in no frame', async () => {
    for (const path of ['/', '/memory', '/assets/app-1a2b.js']) {
      const { headers } = await get(path);
      expect(headers['content-security-policy'], path).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
          "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      );
      expect(headers['x-frame-options'], path).toBe('DENY');
      expect(headers['referrer-policy'], path).toBe('no-referrer');
      expect(headers['cross-origin-opener-policy'], path).toBe('same-origin');
    }
  });
});

describe('builds', () => {
  it('says how to build the user interface when it is not, and shows it as soon as it is', async () => {
    renameSync(server.ui_dir, `${server.ui_dir}-away`);
    const without = await get('/');
    expect(without.status).toBe(200);
    expect(without.body.toString()).toContain('npm run build');
    expect((await get('/memory')).status).toBe(404);
    renameSync(`${server.ui_dir}-away`, server.ui_dir);
    expect((await get('/')).body.toString()).toBe(INDEX);
  });

  it('serves a later build without a restart', async () => {
    await get('/');
    rmSync(server.ui_dir, { recursive: true });
    mkdirSync(join(server.ui_dir, 'assets'), { recursive: true });
    writeFileSync(join(server.ui_dir, 'assets/app-9z.js'), 'new');
    writeFileSync(join(server.ui_dir, 'index.html'), 'a later page');
    utimesSync(join(server.ui_dir, 'index.html'), new Date(), new Date(Date.now() + 10_000));
    expect((await get('/')).body.toString()).toBe('a later page');
    expect((await get('/assets/app-9z.js')).body.toString()).toBe('new');
    expect((await get('/assets/app-1a2b.js')).status).toBe(404);
  });

  it('finds what is written after the page of its build', async () => {
    expect((await get('/assets/late-7x.js')).status).toBe(404);
    writeFileSync(join(server.ui_dir, 'assets/late-7x.js'), 'late');
    const text = async () => (await get('/assets/late-7x.js')).body.toString();
    await expect.poll(text, { timeout: 30_000 }).toBe('late');
  });
});
