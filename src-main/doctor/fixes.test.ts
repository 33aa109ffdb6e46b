/** What the doctor finds and mends, on a data folder of its own. */

import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../tests/support/test-clock.ts';
import { defaultConfig } from '../settings/config-schema.ts';
import { DataFolderLock } from '../storage/data-folder-lock.ts';
import type { DoctorHost } from './check.ts';
import { createDoctor } from './create-doctor.ts';
import { freeSpace } from './data-folder.ts';
import { applyFix, runChecks } from './run-checks.ts';

let data_dir: string;
let host: DoctorHost;
beforeEach(() => {
  data_dir = mkdtempSync(join(tmpdir(), 'archon-doctor-'));
  host = { config: { ...defaultConfig(data_dir), 'server.port': 0 } };
});
afterEach(() => rmSync(data_dir, { recursive: true, force: true }));

const find = async (check: string) => (await runChecks(host)).find((finding) => finding.check === check);
const write = (name: string, content = 'x', mode = 0o600) => {
  mkdirSync(join(data_dir, name, '..'), { recursive: true });
  writeFileSync(join(data_dir, name), content);
  chmodSync(join(data_dir, name), mode);
};
const modeOf = (name: string) => statSync(join(data_dir, name)).mode & 0o777;
/** Of a process that is gone for sure. */
const deadPid = () => spawnSync(process.execPath, ['--version']).pid;

it('has nothing to mend in a fresh folder', async () => {
  const findings = await runChecks(host);
  expect(findings.filter(({ status }) => status !== 'ok')).toEqual([]);
  expect(findings.filter(({ fix }) => fix !== null)).toEqual([]);
});

it.skipIf(process.platform === 'win32')(
  'closes the folder and the files that hold secrets, and no others',
  async () => {
    chmodSync(data_dir, 0o755);
    write('secret.key', 'k', 0o644);
    write('server.json', '{}', 0o640);
    write('archon.config.json', '{"log.level":"info"}', 0o644);
    expect(await find('privacy')).toMatchObject({
      status: 'warning',
      fix: { fix_id: 'data_folder.mode', confirm: null },
    });
    await applyFix(host, 'data_folder.mode');
    expect(statSync(data_dir).mode & 0o777).toBe(0o700);
    expect(await find('private files')).toMatchObject({
      status: 'warning',
      detail: 'others can read secret.key, server.json',
      fix: { fix_id: 'files.mode' },
    });
    write('archon.config.json', '{"database":{"url":"postgres://u:p@db/x"}}', 0o644);
    const { done, findings } = await applyFix(host, 'files.mode');
    expect(done).toContain('archon.config.json');
    expect(['secret.key', 'server.json', 'archon.config.json'].map(modeOf)).toEqual([0o600, 0o600, 0o600]);
    expect(findings.find(({ check }) => check === 'private files')?.status).toBe('ok');
  },
);

it('removes what a dead process left, and nothing of a living one', async () => {
  const dead = deadPid();
  write(`postgres.creating-${dead}/base`, 'xx');
  write(`restoring-${dead}/backup.json`);
  write(`backups/making-${dead}/history.db`);
  write(`backups/archon.tar.gz.partial-${dead}`);
  write(`secret.key.${dead}`);
  write('server.json', JSON.stringify({ url: 'http://127.0.0.1:1', port: 1, pid: dead, token: 't' }));
  const living = [`postgres.creating-${process.pid}/base`, `backups/making-${process.pid}/history.db`];
  for (const name of living) write(name);
  write('lock.json', JSON.stringify({ pid: process.pid, started_at: '2026-01-01T00:00:00.000Z' }));
  write('replaced-2026/postgres/PG_VERSION', '18');
  expect(await find('leftovers')).toMatchObject({ status: 'warning', fix: { fix_id: 'leftovers.remove' } });
  await applyFix(host, 'leftovers.remove');
  expect(await find('leftovers')).toMatchObject({ status: 'ok' });
  for (const gone of ['server.json', `postgres.creating-${dead}`, `restoring-${dead}`, `secret.key.${dead}`]) {
    expect(existsSync(join(data_dir, gone))).toBe(false);
  }
  for (const name of [...living, 'replaced-2026/postgres/PG_VERSION']) {
    expect(existsSync(join(data_dir, name))).toBe(true);
  }
  expect((await find('replaced data'))?.detail).toContain('replaced-2026');
});

it('leaves everything alone while a process it knows nothing of has the folder: its numbers may not be ours', async () => {
  write(`postgres.creating-${deadPid()}/base`);
  const lock = DataFolderLock.acquire(data_dir);
  try {
    expect(await find('leftovers')).toMatchObject({ status: 'ok', fix: null });
  } finally {
    lock.release();
  }
  expect(await find('leftovers')).toMatchObject({ status: 'warning' });
});

it('tells of connections that were put aside', async () => {
  write('profiles.json.damaged-1', '{');
  expect(await find('damaged connections')).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('profiles.json.damaged-1'),
  });
});

it('says that a connection cannot be looked at, and looks at the rest', async () => {
  host.connection_problem = 'The password is locked: log in.';
  expect(await find('database')).toMatchObject({ status: 'failed', advice: 'The password is locked: log in.' });
  expect(await find('sessions')).toBeUndefined();
  expect(await find('port')).toMatchObject({ status: 'ok' });
});

it('looks at a copy where it is, and at the rest in the data folder', async () => {
  write('postgres/PG_VERSION', '18');
  host = { ...host, copy_dir: join(data_dir, 'profiles', 'copy') };
  const findings = await runChecks(host);
  const of = (check: string) => findings.find((finding) => finding.check === check);
  expect(of('database')).toMatchObject({ status: 'ok', detail: expect.stringContaining('will be made') });
  expect(of('database size')).toBeUndefined();
  expect(of('backups')).toMatchObject({ status: 'ok', detail: expect.stringContaining('not backed up') });
  expect(of('data folder')).toMatchObject({ detail: data_dir });
});

describe('the settings file', () => {
  it('is told when it is damaged, without a word of what is in it', async () => {
    write('archon.config.json', '{"redis.password": "hunter2hunter2" oops');
    expect(await find('settings file')).toMatchObject({ status: 'failed', detail: expect.stringContaining('JSON') });
    expect(JSON.stringify(await runChecks(host))).not.toContain('hunter2');
    write('archon.config.json', '[]');
    expect(await find('settings file')).toMatchObject({ status: 'failed' });
  });

  it('is told when it has keys that nobody knows, with what may have been meant', async () => {
    write('archon.config.json', '{"server":{"prot":1},"log.level":"info"}');
    expect(await find('settings file')).toMatchObject({
      status: 'warning',
      detail: expect.stringContaining('server.prot (server.port?)'),
    });
    write('archon.config.json.damaged-1', '{');
    expect(await find('damaged settings')).toMatchObject({ detail: expect.stringContaining('damaged-1') });
  });
});

describe('a port that is taken', () => {
  it('is exchanged for a free one in the settings, where those may be changed', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    host = { config: { ...host.config, 'server.port': port } };
    expect(await find('port')).toMatchObject({ status: 'failed', fix: null });
    const written: unknown[] = [];
    host.changeSetting = async (name, value) => void written.push(name, value);
    expect(await find('port')).toMatchObject({ fix: { fix_id: 'port.choose', confirm: expect.any(String) } });
    expect((await applyFix(host, 'port.choose')).done).toContain(String(written[1]));
    expect(written).toEqual(['server.port', expect.any(Number)]);
    expect(written[1]).not.toBe(port);
    host.isLocked = () => true;
    expect(await find('port')).toMatchObject({ fix: null });
    other.close();
  });
});

it('makes a missing backup, once, and tells what hindered it', async () => {
  write('postgres/PG_VERSION', '18');
  const clock = new TestClock();
  clock.advance({ days: 30 });
  const made: string[] = [];
  host = { ...host, clock, config: { ...host.config, data_dir } };
  host.backUp = async () => {
    if (made.length === 0) {
      made.push('tried');
      throw new Error('the disk is full');
    }
    write(`backups/archon-${new Date(clock.now()).toISOString().replaceAll(':', '-')}.tar.gz`);
    return 'archon-now.tar.gz';
  };
  const backups = (findings: Awaited<ReturnType<typeof runChecks>>) =>
    findings.find(({ check }) => check === 'backups');
  expect(backups(await runChecks(host))).toMatchObject({ status: 'warning', fix: { fix_id: 'backups.make' } });
  await expect(applyFix(host, 'backups.make')).rejects.toMatchObject({ code: 'CONFLICT', message: /the disk is full/ });
  const doctor = createDoctor({ host: () => host, clock });
  const scope = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };
  const [first, second] = await Promise.allSettled([
    doctor.fix(scope, { fix_id: 'backups.make' }),
    doctor.fix(scope, { fix_id: 'backups.make' }),
  ]);
  expect(first).toMatchObject({ status: 'fulfilled', value: { done: expect.stringContaining('archon-now') } });
  // The second found nothing to mend any more.
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'NOT_FOUND' } });
});

it('refuses what is not offered', async () => {
  for (const fix_id of ['data_folder.mode', 'nothing.such', '', '__proto__', '../etc', 'port.choose']) {
    await expect(applyFix(host, fix_id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

it('says what takes the space when there is little', () => {
  write('sessions.db', 'x'.repeat(5000));
  write('logs/archon.log', 'x'.repeat(3000));
  const finding = freeSpace(data_dir, data_dir, { low: Number.POSITIVE_INFINITY, too_low: 0 });
  expect(finding).toMatchObject({
    status: 'warning',
    detail: expect.stringContaining('sessions.db 5.0 kB, logs 3.0 kB'),
  });
  expect(
    freeSpace(data_dir, data_dir, { low: Number.POSITIVE_INFINITY, too_low: Number.POSITIVE_INFINITY }).status,
  ).toBe('failed');
});

it('explains a missing keyring, a key that cannot be used, and secrets that cannot be read', async () => {
  const kept = [{ where: 'Webhooks', count: 3, unreadable: 2, problem: null }];
  const status = {
    protection: 'basic',
    problem: null,
    key_made_at: null,
    older_keys: 0,
    rotate_refused: null,
    kept,
  } as const;
  host.secrets = async () => ({ ...status, kept: [...kept], detail: 'No keyring. Install one.' });
  expect(await find('secrets')).toMatchObject({ status: 'warning', detail: 'No keyring.', advice: 'Install one.' });
  expect(await find('unreadable secrets')).toMatchObject({
    status: 'warning',
    detail: '2 of 3 cannot be read: Webhooks',
  });
  const unusable = { ...status, kept: [], problem: 'It is locked: log in.', detail: '' };
  host.secrets = async () => unusable;
  expect(await find('secrets')).toMatchObject({ status: 'failed', advice: 'It is locked: log in.' });
  // A command cannot reach the keyring of the app, whose key is in order.
  host.secrets = async () => ({ ...unusable, protection: 'keyring' });
  expect(await find('secrets')).toMatchObject({ status: 'warning', advice: 'It is locked: log in.' });
  host.secrets = async () => {
    throw new Error('nobody knows');
  };
  expect(await find('secrets')).toMatchObject({ status: 'failed', detail: 'nobody knows' });
});

it('notices a clock that went back', async () => {
  write('history.db');
  host.clock = new TestClock('2020-01-01T00:00:00.000Z');
  expect(await find('clock')).toMatchObject({ status: 'warning', detail: expect.stringContaining('2020-01-01') });
});

it('names the connections there are', async () => {
  host.profiles = async () => [{ name: 'Office', kind: 'remote' }];
  expect(await find('connections')).toMatchObject({ status: 'ok', detail: 'Office (remote)' });
});

it('reads nothing into the report that a file holds', async () => {
  write('secret.key', 'canary-key-content');
  write('server.json', JSON.stringify({ url: 'http://127.0.0.1:1', port: 1, pid: deadPid(), token: 'canary-token' }));
  expect(JSON.stringify(await runChecks(host))).not.toContain('canary');
  expect(readFileSync(join(data_dir, 'secret.key'), 'utf8')).toBe('canary-key-content');
});
