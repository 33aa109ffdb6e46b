/** `npm start` where there can be no window: it says so and serves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'archon-npm-start-'));
let child: ChildProcess | undefined;

afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await new Promise((done) => child?.once('close', done));
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('npm start without a window', () => {
  it('says why in one line, and serves the user interface', async () => {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ARCHON_DATA_DIR: join(folder, 'data'), ARCHON_PORT: '0', ARCHON_NO_ELECTRON: '1' };
    const running = spawn(process.execPath, [join('scripts', 'start.ts')], { cwd: ROOT, env, stdio: 'pipe' });
    child = running;
    let output = '';
    running.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    while (!output.includes('Ctrl-C stops the server.')) {
      expect(running.exitCode).toBeNull();
      await new Promise((tick) => setTimeout(tick, 20));
    }
    expect(output.match(/^No window .*$/gm)).toEqual([
      'No window (ARCHON_NO_ELECTRON=1); serving the user interface to your browser instead.',
    ]);
    const url = /listening on +(\S+)/.exec(output)?.[1] ?? '';
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const ended = new Promise((done) => running.once('close', done));
    running.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
