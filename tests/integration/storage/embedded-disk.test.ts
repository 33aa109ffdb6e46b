/** The embedded database on a disk that is full or read-only: a small file system of its own, which takes root on Linux. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src-main/clock.ts';
import { writeBackup, writeManifest } from '../../../src-main/storage/backup/backup-file.ts';
import { restoreBackup } from '../../../src-main/storage/backup/restore.ts';
import { EmbeddedPostgres } from '../../../src-main/storage/embedded/embedded-postgres.ts';
import {
  copyEmptyCluster,
  type EmbeddedDatabase,
  silent,
  startEmbedded,
  temporaryFolder,
} from '../../support/embedded-cluster.ts';

const DISK_MB = 80;

let folder: ReturnType<typeof temporaryFolder>;
let disk: string;
let cluster_dir: string;

/** Says whether it worked. */
const run = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;

const canMount = (() => {
  const probe = temporaryFolder();
  const mounted = run('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe.path) && run('umount', probe.path);
  if (!mounted)
    console.warn('skipped: tests on a full disk (run as root on Linux, where a small file system can be mounted)');
  probe.remove();
  return mounted;
})();

beforeEach(async () => {
  if (!canMount) return;
  folder = temporaryFolder();
  disk = join(folder.path, 'disk');
  cluster_dir = join(disk, 'pg');
  mkdirSync(disk);
  run('mount', '-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', disk);
  await copyEmptyCluster(cluster_dir);
});

afterEach(() => {
  if (!canMount) return;
  run('umount', '--lazy', disk); // A test that failed may still have files open.
  folder.remove();
});

/** An embedded database that does not outlive the test, whatever happens in it. */
async function open(options: Parameters<typeof startEmbedded>[0] = {}): Promise<EmbeddedDatabase> {
  const database = await startEmbedded(options);
  onTestFinished(() => database.close());
  return database;
}

/** Takes all the space that is left. */
function fillUp(): void {
  const { bavail, bsize } = statfsSync(disk);
  appendFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize));
}

describe.runIf(canMount)('a disk', () => {
  it('that fills up stops writes with a clear error, and costs nothing that was acknowledged', async () => {
    const database = await open({ cluster_dir });
    await database.pool.query('CREATE TABLE t (a int PRIMARY KEY, filler text)');
    fillUp();
    let acknowledged = 0;
    const write = async () => {
      for (;;) {
        await database.pool.query(`INSERT INTO t VALUES ($1, repeat('x', 1000))`, [acknowledged + 1]);
        acknowledged += 1;
      }
    };
    await expect(write()).rejects.toMatchObject({ code: '53100' });
    await expect(database.postgres.checkpoint()).rejects.toMatchObject({ code: '53100' });
    // It still answers, and stops in order.
    expect((await database.pool.query('SELECT count(*)::int AS n FROM t')).rows).toEqual([{ n: acknowledged }]);
    await database.close();

    fillUp(); // Closing has freed a little.
    await expect(new EmbeddedPostgres({ cluster_dir, logger: silent }).start()).rejects.toMatchObject({
      code: 'DATA_FOLDER_NOT_WRITABLE',
      reason: 'ENOSPC',
    });

    rmSync(join(disk, 'ballast'));
    const again = await open({ cluster_dir });
    expect((await again.pool.query('SELECT count(*)::int AS n FROM t')).rows).toEqual([{ n: acknowledged }]);
    await again.pool.query(`INSERT INTO t VALUES (0, 'room again')`);
    await again.close();
  });

  it('that has no room for the log ends the worker, which comes back by itself when there is room', async () => {
    const database = await open({ cluster_dir });
    const { pool, postgres } = database;
    await pool.query('CREATE TABLE t (a int)');
    const failed = new Promise((resolve) => {
      const stop = postgres.onStateChange((state) => {
        if (state.state !== 'failed') return;
        stop();
        resolve(state);
      });
    });
    fillUp();
    // Messages fill the log and no table; without its log PostgreSQL cannot go on.
    const write = async () => {
      for (;;) await pool.query(`SELECT pg_logical_emit_message(true, 'test', repeat('x', 500000))`);
    };
    await expect(write()).rejects.toMatchObject({ code: '57P02' });
    expect(await failed).toMatchObject({ error: { code: 'DATA_FOLDER_NOT_WRITABLE', reason: 'ENOSPC' } });
    rmSync(join(disk, 'ballast'));
    while (postgres.state.state !== 'running') await new Promise((resolve) => setTimeout(resolve, 20));
    await pool.query('INSERT INTO t VALUES (1)');
    await database.close();
  });

  it('that is read-only is refused, and nothing changes on it', async () => {
    run('mount', '-o', 'remount,ro', disk);
    await expect(new EmbeddedPostgres({ cluster_dir, logger: silent }).start()).rejects.toMatchObject({
      code: 'DATA_FOLDER_NOT_WRITABLE',
      reason: 'EROFS',
    });
  });

  it('that has no room for a restore is told, and is left as it was', async () => {
    const content = join(folder.path, 'content');
    const file = join(folder.path, 'backup.tar.gz');
    const { signal } = new AbortController();
    await copyEmptyCluster(join(content, 'postgres'));
    await writeManifest(content, { format: 1, app_version: '1.0.0', created_at: 'now', parts: ['postgres'] });
    await writeBackup(content, file, signal);
    const data_dir = join(disk, 'data');
    mkdirSync(data_dir);
    fillUp();
    truncateSync(join(disk, 'ballast'), statSync(join(disk, 'ballast')).size - 10 * 1024 * 1024);
    const restoring = restoreBackup({
      data_dir,
      file,
      confirm: async () => true,
      signal,
      clock: systemClock,
      logger: silent,
    });
    await expect(restoring).rejects.toMatchObject({
      code: 'DATA_FOLDER_NOT_WRITABLE',
      message: expect.stringContaining(`${data_dir} cannot be written to (ENOSPC): the disk is full`),
    });
    expect(readdirSync(data_dir)).toEqual(['lock.db']);
  });
});
