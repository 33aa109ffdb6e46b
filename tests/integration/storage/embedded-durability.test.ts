/** What the embedded database promises about the disk: nothing acknowledged is lost, nothing half made is opened. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { EmbeddedPostgres } from '../../../src-main/storage/embedded/embedded-postgres.ts';
import { childEnvironment } from '../../support/child-environment.ts';
import {
  copyEmptyCluster,
  type EmbeddedDatabase,
  silent,
  startEmbedded,
  temporaryFolder,
} from '../../support/embedded-cluster.ts';

const CHILD = join(import.meta.dirname, '../../support/embedded-child.ts');

let folder: ReturnType<typeof temporaryFolder>;
let cluster_dir: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  cluster_dir = join(folder.path, 'pg');
});

afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
  folder.remove();
});

/** An embedded database that does not outlive the test, whatever happens in it. */
async function open(options: Parameters<typeof startEmbedded>[0] = {}): Promise<EmbeddedDatabase> {
  const database = await startEmbedded(options);
  onTestFinished(() => database.close());
  return database;
}

/** A process that uses the cluster, and the lines it says. */
function child(task: 'create' | 'write'): { process: ChildProcess; lines: AsyncIterator<string> } {
  const started = spawn(process.execPath, [CHILD, cluster_dir, task], {
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(started);
  return { process: started, lines: createInterface(started.stdout)[Symbol.asyncIterator]() };
}

async function kill(victim: ChildProcess): Promise<void> {
  if (victim.exitCode !== null || victim.signalCode !== null) return;
  const exited = once(victim, 'exit');
  victim.kill('SIGKILL');
  await exited;
}

/** What it says next under this heading. */
async function told(from: { lines: AsyncIterator<string> }, heading: string): Promise<string> {
  for (;;) {
    const { value, done } = await from.lines.next();
    if (done) throw new Error('the process ended by itself');
    if (value.startsWith(`${heading} `)) return value.slice(heading.length + 1);
  }
}

/** Polls for something another process does on the disk. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a commit', () => {
  it('is on the disk before it is acknowledged', async () => {
    const database = await open();
    await database.pool.query('CREATE TABLE t (a int)');
    const COMMITS = 100;
    const before = database.postgres.stats().fsyncs;
    for (let at = 0; at < COMMITS; at += 1) {
      await database.pool.query('INSERT INTO t VALUES ($1)', [at]);
      expect(database.postgres.stats().fsyncs - before).toBeGreaterThanOrEqual(at + 1);
    }
    const { rows } = await database.pool.query(`SELECT name, setting FROM pg_settings
      WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method') ORDER BY name`);
    expect(rows.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
      'fsync=on',
      'full_page_writes=on',
      'synchronous_commit=on',
      'wal_sync_method=fsync',
    ]);
    await database.close();
  });

  it('survives kill -9 of the process, again and again', async () => {
    await copyEmptyCluster(cluster_dir);
    const KILLS = 5;
    let acknowledged = 0;
    for (let round = 0; round <= KILLS; round += 1) {
      const writer = child('write');
      const { written, last, twins } = JSON.parse(await told(writer, 'FOUND'));
      expect(last).toBeGreaterThanOrEqual(acknowledged); // The last one may be committed and not yet acknowledged.
      expect({ written, twins }).toEqual({ written: last, twins: last });
      const goal = last + 15 + 17 * round; // Killed at different places between two checkpoints.
      while (acknowledged < goal) acknowledged = Number(await told(writer, 'ACK'));
      await kill(writer.process);
      for (let left = await writer.lines.next(); !left.done; left = await writer.lines.next()) {
        acknowledged = Number(left.value.slice('ACK '.length));
      }
    }
    expect(acknowledged).toBeGreaterThanOrEqual(6 * 15);
  });
});

describe('the first start', () => {
  it('makes the cluster under another name, so that kill -9 leaves nothing that looks like one', async () => {
    const creator = child('create');
    await until(() => readdirSync(folder.path).some((name) => name.startsWith('pg.creating-')));
    await kill(creator.process);
    expect(existsSync(cluster_dir)).toBe(false);

    const database = await open({ cluster_dir });
    await database.pool.query('CREATE EXTENSION vector');
    expect(readdirSync(folder.path).sort()).toEqual(['pg', 'pg.lock']); // No leftovers either.
    await database.close();
  });
});

describe('a cluster in use', () => {
  it('is refused to a second process, which names the first', async () => {
    await copyEmptyCluster(cluster_dir);
    const holder = child('create');
    await holder.lines.next();
    await expect(new EmbeddedPostgres({ cluster_dir, logger: silent }).start()).rejects.toMatchObject({
      code: 'DATA_FOLDER_IN_USE',
      holder: { pid: holder.process.pid },
    });
  });

  it('is refused to a second opening in the same process', async () => {
    await copyEmptyCluster(cluster_dir);
    const database = await open({ cluster_dir });
    await expect(new EmbeddedPostgres({ cluster_dir, logger: silent }).start()).rejects.toMatchObject({
      code: 'DATA_FOLDER_IN_USE',
    });
    expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await database.close();
  });
});

describe('a folder that cannot be opened', () => {
  const start = () => new EmbeddedPostgres({ cluster_dir, logger: silent }).start();

  it('of another PostgreSQL says what to do and is left alone', async () => {
    mkdirSync(cluster_dir);
    writeFileSync(join(cluster_dir, 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toMatchObject({ code: 'CLUSTER_VERSION_MISMATCH', found: '17', expected: '18' });
    expect(readdirSync(cluster_dir)).toEqual(['PG_VERSION']);
  });

  it('with other files in it is left alone', async () => {
    mkdirSync(cluster_dir);
    writeFileSync(join(cluster_dir, 'thesis.doc'), 'mine');
    await expect(start()).rejects.toMatchObject({ code: 'CLUSTER_OPEN_FAILED' });
    expect(readdirSync(cluster_dir)).toEqual(['thesis.doc']);
  });

  it('because it is damaged says what the database says, and frees its lock', async () => {
    await copyEmptyCluster(cluster_dir);
    writeFileSync(join(cluster_dir, 'global/pg_control'), 'garbage');
    await expect(start()).rejects.toMatchObject({
      code: 'CLUSTER_OPEN_FAILED',
      message: expect.stringMatching(/pg_control/),
    });
    await expect(start()).rejects.toMatchObject({ code: 'CLUSTER_OPEN_FAILED' });
  });
});
