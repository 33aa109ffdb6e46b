/** The links that let a browser in. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../src-main/cli/exit-codes.ts';
import { DataFolder, type RunningServer } from '../support/cli-process.ts';

let folder: DataFolder;
let server: RunningServer;
beforeAll(async () => {
  folder = DataFolder.withDatabase();
  server = await folder.serve();
});
afterAll(async () => {
  await folder?.remove();
});

/** What the page does with the link it was opened with. */
const enter = async (login_url: string): Promise<Response> => {
  const { origin, hash } = new URL(login_url);
  const code = new URLSearchParams(hash.slice(1)).get('code');
  const headers = { 'content-type': 'application/json', origin };
  return await fetch(`${origin}/auth/code`, { method: 'POST', headers, body: JSON.stringify({ code }) });
};

describe('archon serve', () => {
  it('gives a link that works once when the user interface is built, and none when it is not', async () => {
    const { url, ui_url, login_url } = server.facts;
    const home = await (await fetch(url)).text();
    if (home.includes('npm run build')) {
      expect([ui_url, login_url]).toEqual([null, null]);
      return;
    }
    expect(ui_url).toBe(url);
    expect(login_url?.startsWith(`${url}/#code=`)).toBe(true);
    expect((await enter(login_url ?? '')).status).toBe(204);
    expect((await enter(login_url ?? '')).status).toBe(401);
  });
});

describe('archon login', () => {
  it('prints a link of its own that works once', async () => {
    const { login_url, minutes } = (await folder.archon(['login', '--json'])).json();
    expect(minutes).toBe(5);
    const answer = await enter(login_url);
    expect(answer.status).toBe(204);
    const cookie = answer.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    const state = await fetch(`${server.facts.url}/auth/session`, { headers: { cookie } });
    expect(await state.json()).toEqual({ authenticated: true, token_name: 'browser' });
    expect((await enter(login_url)).status).toBe(401);
    expect(server.stderr()).not.toContain(new URL(login_url).hash.slice(6));
  });

  it('shows people the link alone on stdout', async () => {
    const { stdout, stderr } = await folder.archon(['login']);
    expect(stdout).toMatch(new RegExp(`^${server.facts.url}/#code=[\\w-]{22}\n$`));
    expect(stderr).toContain('once');
  });

  it.skipIf(process.platform !== 'linux')(
    'opens the browser when there is a display, and says so when not',
    async () => {
      const programs = join(folder.path, 'programs');
      const opened = join(folder.path, 'opened.txt');
      mkdirSync(programs);
      writeFileSync(join(programs, 'xdg-open'), `#!/bin/sh\necho "$1" > '${opened}'\n`);
      chmodSync(join(programs, 'xdg-open'), 0o755);
      const PATH = `${programs}:${process.env.PATH}`;
      const shown = await folder.archon(['login', '--open', '--json'], { env: { PATH, DISPLAY: ':0' } });
      expect(shown.stderr).toBe('');
      while (!existsSync(opened) || readFileSync(opened, 'utf8') === '') await new Promise((go) => setTimeout(go, 20));
      expect(readFileSync(opened, 'utf8').trim()).toBe(shown.json().login_url);
      const hidden = await folder.archon(['login', '--open', '--json'], { env: { PATH } });
      expect(hidden.stderr).toContain('there is no display');
      expect(hidden.code).toBe(0);
      const missing = await folder.archon(['login', '--open'], { env: { PATH: '/nowhere', DISPLAY: ':0' } });
      expect(missing.stderr).toContain('was not opened');
      expect(missing.code).toBe(0);
    },
  );

  it('says that no server runs, in a folder where none does', async () => {
    const other = DataFolder.withDatabase();
    const result = await other.archon(['login']);
    expect(result.code).toBe(EXIT_CODES.not_found.code);
    expect(result.stderr).toContain('archon serve');
    await other.remove();
  });
});
