/** Backups of a data folder: made while it is used, on time, and brought back without ever being half done. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import * as fsPromises from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { type Config, defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { BackupFolder } from '../../../src-main/storage/backup/backup-folder.ts';
import { BackupSchedule } from '../../../src-main/storage/backup/backup-schedule.ts';
import { type CopyPart, DataBackups } from '../../../src-main/storage/backup/data-backups.ts';
import { type RestoreOptions, restoreBackup } from '../../../src-main/storage/backup/restore.ts';
import { decideForRestored, finishRestore } from '../../../src-main/storage/backup/swap.ts';
import { copyEmptyCluster, silent, temporaryFolder } from '../../support/embedded-cluster.ts';
import { TestClock } from '../../support/test-clock.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof fsPromises>();
  return { ...real, statfs: vi.fn(real.statfs) };
});

const START = Date.parse('2026-08-06T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };

let folder: ReturnType<typeof temporaryFolder>;
let data_dir: string;
let clock: TestClock;
const engines: Engine[] = [];
beforeEach(() => {
  folder = temporaryFolder();
  data_dir = join(folder.path, 'data');
  mkdirSync(data_dir, { mode: 0o700 });
  clock = new TestClock(START);
});
afterEach(async () => {
  vi.mocked(fsPromises.statfs).mockReset();
  const real = await vi.importActual<typeof fsPromises>('node:fs/promises');
  vi.mocked(fsPromises.statfs).mockImplementation(real.statfs);
  for (const engine of engines.splice(0)) await engine.stop();
  folder.remove();
});

async function startEngine(settings: Partial<Config> = {}): Promise<Engine> {
  if (!existsSync(join(data_dir, 'postgres'))) await copyEmptyCluster(join(data_dir, 'postgres'));
  const engine = new Engine({ config: { ...defaultConfig(data_dir), ...settings }, logger: silent, clock });
  engines.push(engine);
  await engine.start();
  return engine;
}

const remember = (engine: Engine, text: string) =>
  engine.services.longterm.create(scope, { user_id: 'ada', memory_type: 'fact', content: { text } });
const say = (engine: Engine, content: string) =>
  engine.services.sessions.append(scope, {
    session_id: 'talk',
    user_id: 'ada',
    messages: [{ role: 'user', content }],
  });
const remembered = async (engine: Engine) => {
  const { items } = await engine.services.longterm.list(scope, {
    user_id: 'ada',
    include_deleted: false,
    include_superseded: false,
    sort: 'oldest',
    limit: 50,
  });
  return items.map(({ content }) => content.text);
};
const said = async (engine: Engine) => {
  const { messages } = await engine.services.sessions.get(scope, { session_id: 'talk', message_limit: 50 });
  return messages.map(({ content }) => content);
};

const restore = (file: string, options: Partial<RestoreOptions> = {}) =>
  restoreBackup({
    data_dir,
    file,
    confirm: async () => true,
    signal: new AbortController().signal,
    clock,
    logger: silent,
    ...options,
  });

describe('a backup and its restore', () => {
  it('bring back memories, sessions and tokens as they were, and keep what was there since', async () => {
    const engine = await startEngine();
    await remember(engine, 'likes apples');
    await say(engine, 'hello');
    const kept_token = engine.tokens.create({ name: 'kept', org_id: LOCAL_ORG_ID });
    const lost_token = engine.tokens.create({ name: 'lost', org_id: LOCAL_ORG_ID });
    const made = await engine.services.backups.make();
    expect(made).toMatchObject({
      name: 'archon-2026-08-06T12-00-00.000Z.tar.gz',
      created_at: '2026-08-06T12:00:00.000Z',
      parts: ['history.db', 'sessions.db', 'postgres'],
    });
    const file = join(data_dir, 'backups', made.name);
    expect(statSync(file)).toMatchObject({ size: made.bytes });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(data_dir, 'backups'))).toEqual([made.name]);

    await remember(engine, 'likes pears');
    await say(engine, 'and bye');
    engine.tokens.revoke(lost_token.token_id);
    await engine.stop();
    const confirm = vi.fn(async () => true);
    const report = await restore(file, { confirm });
    const contents = { working_memories: 0, longterm_memories: 1, created_at: made.created_at };
    expect(confirm).toHaveBeenCalledWith(expect.objectContaining(contents), true);
    const replaced = join(data_dir, 'replaced-2026-08-06T12-00-00.000Z');
    expect(report).toMatchObject({ ...contents, replaced, tokens_revoked: 1 });
    expect(readdirSync(replaced).sort()).toEqual(['history.db', 'postgres', 'sessions.db']);
    expect(readdirSync(data_dir).filter((name) => name.startsWith('restor'))).toEqual([]);

    const again = await startEngine();
    expect(await remembered(again)).toEqual(['likes apples']);
    expect(await said(again)).toEqual(['hello']);
    expect(again.tokens.authenticate(kept_token.token)).toMatchObject({ actor: 'kept' });
    expect(again.tokens.authenticate(lost_token.token)).toBeUndefined();
    await again.stop();

    // What was replaced is whole: put back by hand, it opens.
    for (const part of readdirSync(replaced)) {
      renameSync(join(data_dir, part), join(folder.path, part));
      renameSync(join(replaced, part), join(data_dir, part));
    }
    expect(await remembered(await startEngine())).toEqual(['likes apples', 'likes pears']);
  });

  it('work for a folder that is empty, and when the history there is damaged', async () => {
    const engine = await startEngine();
    await remember(engine, 'likes apples');
    const { name } = await engine.services.backups.make();
    await engine.stop();
    const file = join(folder.path, 'elsewhere.tar.gz');
    copyFileSync(join(data_dir, 'backups', name), file);

    data_dir = join(folder.path, 'new');
    const confirm = vi.fn(async () => true);
    expect(await restore(file, { confirm })).toMatchObject({ replaced: null, longterm_memories: 1 });
    expect(confirm).toHaveBeenCalledWith(expect.anything(), false);
    writeFileSync(join(data_dir, 'history.db'), 'no database at all '.repeat(500));
    clock.advance({ minutes: 1 });
    expect((await restore(file))?.replaced).toContain('replaced-2026-08-06T12-01-00.000Z');
    expect(await remembered(await startEngine())).toEqual(['likes apples']);
  });

  it('change nothing when the answer is no, the file is bad, or the folder is in use', async () => {
    const engine = await startEngine();
    await remember(engine, 'likes apples');
    const { name } = await engine.services.backups.make();
    const file = join(data_dir, 'backups', name);
    await expect(restore(file)).rejects.toMatchObject({ code: 'DATA_FOLDER_IN_USE' });
    await engine.stop();
    const before = readdirSync(data_dir).sort();
    expect(await restore(file, { confirm: async () => false })).toBeUndefined();
    const aborted = AbortSignal.abort();
    await expect(restore(file, { signal: aborted })).rejects.toThrow();

    const whole = readFileSync(file);
    const bad = join(folder.path, 'bad.tar.gz');
    for (const bytes of [whole.subarray(0, whole.length - 1000), Buffer.from('not a backup'), Buffer.alloc(0)]) {
      writeFileSync(bad, bytes);
      const refused = restore(bad);
      await expect(refused).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE', file: bad });
      await expect(refused).rejects.toThrow(/Give "archon restore" another one/);
    }
    await expect(restore(join(folder.path, 'missing.tar.gz'))).rejects.toMatchObject({ code: 'BACKUP_UNREADABLE' });
    expect(readdirSync(data_dir).sort()).toEqual(before);
    expect(await remembered(await startEngine())).toEqual(['likes apples']);
  });
});

describe('a restore that was cut short', () => {
  const parts = ['postgres', 'sessions.db', 'history.db'] as const;
  const write = (dir: string, content: string) => {
    mkdirSync(join(dir, 'postgres'), { recursive: true });
    writeFileSync(join(dir, 'postgres', 'PG_VERSION'), content);
    writeFileSync(join(dir, 'sessions.db'), content);
    writeFileSync(join(dir, 'history.db'), content);
  };
  const read = (dir: string) =>
    parts.map((part) => readFileSync(join(dir, part, ...(part === 'postgres' ? ['PG_VERSION'] : [])), 'utf8'));

  /** Every state a crash may leave between two renames. */
  it.each(Array.from({ length: 8 }, (_, done) => done))(
    'is finished by whoever comes next, after %i renames',
    (done) => {
      write(data_dir, 'old');
      writeFileSync(join(data_dir, 'history.db-wal'), 'old log');
      const staging = join(data_dir, 'restoring-1');
      write(staging, 'new');
      decideForRestored(data_dir, staging, 'then');
      const restored = join(data_dir, 'restore-decided-then');
      const replaced = join(data_dir, 'replaced-then');
      const moves = parts.flatMap((part) => [
        [join(data_dir, part), join(replaced, part)],
        ...(part === 'history.db' ? [[join(data_dir, `${part}-wal`), join(replaced, `${part}-wal`)]] : []),
        [join(restored, part), join(data_dir, part)],
      ]);
      mkdirSync(replaced);
      for (const [from = '', to = ''] of moves.slice(0, done)) renameSync(from, to);
      // A command may have made a file where one was missing for a moment.
      const strays = parts.filter((part) => part !== 'postgres' && !existsSync(join(data_dir, part)));
      for (const part of strays) writeFileSync(join(data_dir, part), 'stray');

      expect(finishRestore(data_dir)).toEqual([replaced]);
      expect(read(data_dir)).toEqual(['new', 'new', 'new']);
      expect(read(replaced)).toEqual(['old', 'old', 'old']);
      expect(readFileSync(join(replaced, 'history.db-wal'), 'utf8')).toBe('old log');
      expect(readdirSync(data_dir).sort()).toEqual(['history.db', 'postgres', 'replaced-then', 'sessions.db']);
      expect(finishRestore(data_dir)).toEqual([]);
    },
  );

  it('is finished by the engine before it opens anything', async () => {
    const engine = await startEngine();
    await remember(engine, 'likes apples');
    await engine.stop();
    const staging = join(data_dir, 'restoring-1');
    mkdirSync(staging);
    renameSync(join(data_dir, 'postgres'), join(staging, 'postgres'));
    decideForRestored(data_dir, staging, 'then');
    const again = new Engine({ config: defaultConfig(data_dir), logger: silent, clock });
    engines.push(again);
    await again.start();
    expect(await remembered(again)).toEqual(['likes apples']);
  });
});

describe('backups on time', () => {
  const cluster_made = (ms: number) => {
    mkdirSync(join(data_dir, 'postgres'), { recursive: true });
    const version = join(data_dir, 'postgres', 'PG_VERSION');
    writeFileSync(version, '18');
    utimesSync(version, ms / 1000, ms / 1000);
  };
  const copy: CopyPart = async (target) => {
    mkdirSync(target);
    writeFileSync(join(target, 'PG_VERSION'), '18');
  };
  const open = (options: { interval_hours?: () => number; keep?: number; postgres?: CopyPart | undefined } = {}) => {
    const warnings: string[] = [];
    const logger = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
    const backups = new DataBackups({
      data_dir,
      postgres: 'postgres' in options ? options.postgres : copy,
      files: {},
      keep: () => options.keep ?? 7,
      app_version: '1.2.3',
      clock,
    });
    const interval_hours = options.interval_hours ?? (() => 24);
    const schedule = new BackupSchedule({ backups, data_dir, interval_hours, clock, logger });
    return { backups, schedule, warnings };
  };
  const names = () => new BackupFolder(data_dir).list().map(({ name }) => name);

  it('are counted from the newest file, so that restarts do not put them off', async () => {
    cluster_made(START);
    for (let hour = 0; hour < 50; hour += 1) {
      clock.advance({ minutes: 60 });
      await open().schedule.look(); // Another process every hour.
    }
    expect(names()).toEqual([
      'archon-2026-08-08T13-00-00.000Z.tar.gz',
      'archon-2026-08-07T13-00-00.000Z.tar.gz',
      'archon-2026-08-06T13-00-00.000Z.tar.gz',
    ]);
  });

  it('do not wait for the time of a file that comes from the future', async () => {
    cluster_made(START - 48 * HOUR_MS);
    mkdirSync(join(data_dir, 'backups'));
    writeFileSync(join(data_dir, 'backups', 'archon-2099-01-01T00-00-00.000Z.tar.gz'), '');
    await open().schedule.look();
    expect(names()).toContain('archon-2026-08-06T12-00-00.000Z.tar.gz');
  });

  it('keep as many as they are told, and leave other files alone', async () => {
    cluster_made(START - 48 * HOUR_MS);
    const { schedule } = open({ keep: 2, interval_hours: () => 1 });
    mkdirSync(join(data_dir, 'backups'));
    writeFileSync(join(data_dir, 'backups', 'mine.tar.gz'), '');
    for (let hour = 0; hour < 4; hour += 1) {
      await schedule.look();
      clock.advance({ minutes: 60 });
    }
    expect(readdirSync(join(data_dir, 'backups')).sort()).toEqual([
      'archon-2026-08-06T14-00-00.000Z.tar.gz',
      'archon-2026-08-06T15-00-00.000Z.tar.gz',
      'mine.tar.gz',
    ]);
  });

  it('remove nothing when the new one fails, say why, and try again in an hour', async () => {
    cluster_made(START - 48 * HOUR_MS);
    await open().schedule.look();
    const first = names();
    clock.advance({ days: 1 });
    let attempts = 0;
    const { schedule, warnings } = open({
      keep: 1,
      postgres: async (target) => {
        attempts += 1;
        mkdirSync(target);
        writeFileSync(join(target, 'half'), 'x');
        throw Object.assign(new Error('write failed'), { code: 'ENOSPC' });
      },
    });
    await schedule.look();
    clock.advance({ minutes: 30 });
    await schedule.look();
    expect(attempts).toBe(1);
    clock.advance({ minutes: 31 });
    await schedule.look();
    expect(attempts).toBe(2);
    expect(warnings[0]).toContain('no backup was made');
    expect(warnings[0]).toContain('the disk is full; free some space');
    expect(readdirSync(join(data_dir, 'backups'))).toEqual(first);
  });

  it('are left out with a warning where the disk has no room for the copy and the file', async () => {
    cluster_made(START - 48 * HOUR_MS);
    const size = 10 * 1024 * 1024;
    writeFileSync(join(data_dir, 'postgres', 'table'), Buffer.alloc(size));
    const { bsize } = statfsSync(data_dir);
    const free = (bytes: number) =>
      vi.mocked(fsPromises.statfs).mockResolvedValue({ bsize, bavail: Math.floor(bytes / bsize) } as never);
    const { schedule, warnings, backups } = open();
    free(200 * 1024 ** 2 + size);
    await schedule.look();
    expect(names()).toEqual([]);
    expect(warnings[0]).toContain('free some space');
    await expect(backups.make()).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    free(200 * 1024 ** 2 + 3 * size);
    await backups.make();
    expect(names()).toHaveLength(1);
  });

  it('look by themselves once a process runs, unless the memory is elsewhere', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    try {
      cluster_made(START - 48 * HOUR_MS);
      const elsewhere = open({ postgres: undefined });
      const on = open();
      for (const { schedule } of [elsewhere, on]) {
        vi.spyOn(schedule, 'look').mockResolvedValue();
        schedule.start();
      }
      vi.advanceTimersByTime(2 * HOUR_MS);
      expect(elsewhere.schedule.look).not.toHaveBeenCalled();
      const looks = vi.mocked(on.schedule.look).mock.calls.length;
      expect(looks).toBeGreaterThan(5);
      on.schedule.stop();
      vi.advanceTimersByTime(2 * HOUR_MS);
      expect(on.schedule.look).toHaveBeenCalledTimes(looks);
      await expect(elsewhere.backups.make()).rejects.toMatchObject({ code: 'CONFLICT' });
    } finally {
      vi.useRealTimers();
    }
  });

  it('are not made while they are turned off, and are once they are turned on', async () => {
    cluster_made(START - 48 * HOUR_MS);
    let hours = 0;
    const { schedule } = open({ interval_hours: () => hours });
    await schedule.look();
    expect(names()).toEqual([]);
    hours = 24;
    await schedule.look();
    expect(names()).toHaveLength(1);
  });

  it('are one when asked for twice, and are given up when Archon stops', async () => {
    cluster_made(START - 48 * HOUR_MS);
    const copying = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let copies = 0;
    const { backups, schedule, warnings } = open({
      postgres: async (target) => {
        copies += 1;
        mkdirSync(target);
        begun.resolve();
        await copying.promise;
      },
    });
    const [first, second, looked] = [backups.make(), backups.make(), schedule.look()];
    await begun.promise;
    const stopped = backups.stop();
    copying.resolve();
    await stopped;
    await expect(first).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('given up') });
    await expect(second).rejects.toMatchObject({ code: 'CONFLICT' });
    await looked;
    expect(copies).toBe(1);
    expect(warnings).toEqual([]);
    expect(readdirSync(join(data_dir, 'backups'))).toEqual([]);
  });

  it('do not keep Archon from stopping, and what they leave is removed by the next', async () => {
    cluster_made(START - 48 * HOUR_MS);
    const begun = Promise.withResolvers<void>();
    const stuck = open({
      postgres: async (target) => {
        mkdirSync(target);
        begun.resolve();
        await new Promise<void>(() => {});
      },
    });
    void stuck.backups.make();
    await begun.promise;
    await stuck.backups.stop();
    expect(readdirSync(join(data_dir, 'backups'))).toEqual([`making-${process.pid}`]);
    writeFileSync(join(data_dir, 'backups', 'archon-x.tar.gz.partial-1'), '');
    await open().backups.make();
    expect(readdirSync(join(data_dir, 'backups'))).toEqual(names());
  });
});
