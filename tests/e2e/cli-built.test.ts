/** What people start after a clone: `npm start`, and the built program behind `bin/archon.js`. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
const folders: string[] = [];
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await new Promise((done) => child.once('close', done));
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-built-'));
  folders.push(folder);
  return join(folder, 'data');
};
const environment = (more: Record<string, string> = {}) => {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...more };
};

/** Starts a program and waits until it has written something. */
async function startUntil(args: readonly string[], pattern: RegExp, env: Record<string, string>) {
  const child = spawn(process.execPath, args, { cwd: ROOT, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  while (!pattern.test(output)) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${output}`);
    await new Promise((tick) => setTimeout(tick, 20));
  }
  return {
    output: () => output,
    stop: async (signal: NodeJS.Signals) => {
      const ended = new Promise<number | null>((done) => child.once('close', done));
      child.kill(signal);
      return await ended;
    },
  };
}

const start = join('scripts', 'start.ts');

describe('npm start', () => {
  it('builds when needed, loads the demo when asked, serves it, and ends in order', async () => {
    const args = [start, '--data-dir', newFolder(), '--server-port', '0', '--demo'];
    const running = await startUntil(args, /Ctrl-C stops/, {});
    expect(existsSync(join(ROOT, 'out', 'main', 'headless.js'))).toBe(true);
    const url = /listening on +(\S+)/.exec(running.output())?.[1] ?? '';
    const token = /archon_[\w-]+/.exec(running.output())?.[0] ?? '';
    // The page of the API reference comes from the build, not from node_modules.
    expect((await fetch(`${url}/api/docs/swagger-ui-bundle.js`)).status).toBe(200);
    const answer = await fetch(`${url}/api/memory/search`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: 'priya', query: 'deploy window' }),
    });
    expect((await answer.json()).hits.length).toBeGreaterThan(0);
    expect(await running.stop('SIGTERM')).toBe(0);
  });

  it('says how to get the demo when nobody can be asked, and hands arguments on', async () => {
    const running = await startUntil(
      [start, '--data-dir', newFolder(), '--server-port', '0', '--json'],
      /"docs_url"/,
      {},
    );
    expect(running.output()).toContain('npm start -- --demo');
    expect(await running.stop('SIGTERM')).toBe(0);
  });
});

describe('bin/archon.js', () => {
  const bin = join(ROOT, 'bin', 'archon.js');

  it('runs the built program', () => {
    const result = spawnSync(process.execPath, [bin, '--version'], { encoding: 'utf8', env: environment() });
    expect(result.stdout).toMatch(/^\d+\.\d+\.\d+/);
    expect(result.status).toBe(0);
  });

  it('hands the exit code on', () => {
    const result = spawnSync(process.execPath, [bin, 'bogus'], { encoding: 'utf8', env: environment() });
    expect(result.status).toBe(2);
  });

  const systemNode = '/usr/bin/node';
  const major = Number(
    /v(\d+)/.exec(spawnSync(systemNode, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? 99,
  );

  it.runIf(major < 22)('runs itself with the Node of the project when the one that was found is too old', () => {
    const result = spawnSync(systemNode, [bin, 'doctor', '--data-dir', newFolder(), '--server-port', '0', '--json'], {
      encoding: 'utf8',
      env: environment(),
    });
    expect(result.status).toBe(0);
    expect(JSON.parse(result.stdout).findings).toContainEqual(
      expect.objectContaining({ check: 'node', status: 'ok', detail: expect.stringContaining('Node 24') }),
    );
  });
});
