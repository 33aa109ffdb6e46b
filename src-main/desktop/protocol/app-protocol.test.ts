import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APP_POLICY, PROBLEM_POLICY } from '../security/content-security-policy.ts';
import { createAppProtocol } from './app-protocol.ts';

let folder: string;
let answer: ReturnType<typeof createAppProtocol>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-protocol-'));
  const root = join(folder, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), 'the page');
  writeFileSync(join(root, 'assets', 'main.js'), 'the script');
  writeFileSync(join(root, 'assets', 'ä b.svg'), 'the picture');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  mkdirSync(join(folder, 'renderer-other'));
  writeFileSync(join(folder, 'renderer-other', 'x.js'), 'secret');
  answer = createAppProtocol({
    renderer_dir: root,
    problemFile: (path) => (path === '/' ? { body: 'a problem', content_type: 'text/html' } : undefined),
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const get = async (url: string, accept = '*/*') => await answer(new Request(url, { headers: { accept } }));

describe('app://archon/', () => {
  it.each([
    ['/', 'the page', 'text/html; charset=utf-8'],
    ['/assets/main.js', 'the script', 'text/javascript; charset=utf-8'],
    ['/assets/%C3%A4%20b.svg', 'the picture', 'image/svg+xml'],
    // A view of the app, not a file.
    ['/memory/longterm', 'the page', 'text/html; charset=utf-8'],
  ])('serves %s', async (path, body, type) => {
    const response = await get(`app://archon${path}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('content-security-policy')).toBe(APP_POLICY);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).toBe(body);
  });

  it('serves the page for a view whose path looks like a file', async () => {
    expect(await (await get('app://archon/users/j.doe', 'text/html,*/*')).text()).toBe('the page');
  });

  it.each([
    ['/assets/missing.js', 404],
    ['/..%2fsecret.txt', 403],
    ['/%2e%2e%2fsecret.txt', 403],
    ['/assets/..%2f..%2fsecret.txt', 403],
    ['/..%2frenderer-other%2fx.js', 403],
    ['/..%5csecret.txt', 403],
    ['/C:%5cWindows', 403],
    ['/%00', 403],
    ['/%', 403],
  ])('answers %s with %i', async (path, status) => {
    const response = await get(`app://archon${path}`);
    expect(response.status).toBe(status);
    expect(await response.text()).toBe('');
  });

  it('serves nothing under another name and takes nothing', async () => {
    expect((await get('app://other/')).status).toBe(404);
    expect((await answer(new Request('app://archon/', { method: 'POST' }))).status).toBe(405);
  });
});

describe('app://problem/', () => {
  it('serves its page with a policy that allows no script', async () => {
    const response = await get('app://problem/');
    expect(await response.text()).toBe('a problem');
    expect(response.headers.get('content-security-policy')).toBe(PROBLEM_POLICY);
    expect(PROBLEM_POLICY).not.toContain('script-src');
    expect((await get('app://problem/index.html')).status).toBe(404);
  });
});
