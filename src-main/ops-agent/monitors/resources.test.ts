import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpsSignalName } from '../../../src-contract/index.ts';
import { SteadyTestClock } from '../../../tests/support/steady-test-clock.ts';
import { ArchonError } from '../../errors.ts';
import type { MemorySystem } from './main-memory.ts';
import { observed } from './monitor.ts';
import type { MonitorsDeps } from './monitors.ts';
import { resourcesMonitor } from './resources.ts';

const scope = { org_id: 'a', actor: 'test' };

/** A server that answers each question by what it is about; an error is what it answers with. */
type Answers = Partial<
  Record<'pg_database_size' | 'pg_stat_replication' | 'pg_stat_get_live_tuples', object[] | Error>
>;

const databaseOf = (answers: Answers) => ({
  transaction: async (work: (tx: { sql(text: string): Promise<unknown> }) => Promise<unknown>) =>
    await work({
      sql: async (text) => {
        const about = Object.entries(answers).find(([name]) => text.includes(name))?.[1] ?? [];
        if (about instanceof Error) throw about;
        return about;
      },
    }),
});

const system: MemorySystem = {
  platform: 'win32',
  read: async () => undefined,
  vmStat: async () => undefined,
  free_bytes: () => 1e9,
  total_bytes: () => 4e9,
};

let data_dir: string;
let clock: SteadyTestClock;
beforeEach(() => {
  clock = new SteadyTestClock();
  data_dir = mkdtempSync(join(tmpdir(), 'archon-resources-'));
});
afterEach(() => rmSync(data_dir, { recursive: true, force: true }));

function start(answers: Answers, { embedded = false } = {}) {
  const sources = { database: databaseOf(answers), data_dir, embedded };
  const monitor = resourcesMonitor({ clock, node: 'here', sources } as unknown as MonitorsDeps, system);
  return async (signal: OpsSignalName) => {
    const look = monitor.looks.find(({ signals }) => signals.includes(signal));
    return (await look?.ask(scope))?.filter((told) => told.signal === signal);
  };
}

const refused = (code: string) => Object.assign(new Error('no'), { code });
const table = (sequential_scans: number, index_scans: number, dead_rows = 0) => ({
  table: 'archon_events',
  live_rows: 30_000,
  dead_rows,
  sequential_scans,
  index_scans,
});

describe('the monitor of resources', () => {
  it('tells how full disk and memory are, and how large the data folder is', async () => {
    writeFileSync(join(data_dir, 'history.db'), 'x'.repeat(1234));
    const ask = start({});
    const [disk] = (await ask('disk_percent')) ?? [];
    expect(disk).toMatchObject({ labels: { node: 'here' }, detail: expect.stringMatching(/ free$/) });
    expect(disk?.value).toBeGreaterThan(0);
    expect(disk?.value).toBeLessThanOrEqual(100);
    const memory = observed('memory_percent', 75, { node: 'here' }, '3.0 GB of 4.0 GB of the computer');
    expect(await ask('memory_percent')).toEqual([memory]);
    expect(await ask('data_folder_bytes')).toEqual([observed('data_folder_bytes', 1234, { node: 'here' })]);
  });

  it('fails for a data folder that is gone', async () => {
    const ask = start({});
    rmSync(data_dir, { recursive: true });
    await expect(ask('disk_percent')).rejects.toThrow('ENOENT');
    await expect(ask('data_folder_bytes')).rejects.toThrow('ENOENT');
  });

  it('tells how large the database is, and how many of its connections are in use', async () => {
    const answers = { pg_database_size: [{ bytes: 5e6, connections_percent: 42 }] };
    const ask = start(answers);
    expect(await ask('database_bytes')).toEqual([observed('database_bytes', 5e6)]);
    expect(await ask('database_connections_percent')).toEqual([observed('database_connections_percent', 42)]);
    // It has one backend for everybody.
    mkdirSync(join(data_dir, 'postgres'));
    writeFileSync(join(data_dir, 'postgres', 'base'), 'x'.repeat(321));
    const embedded = start(answers, { embedded: true });
    expect(await embedded('database_bytes')).toEqual([observed('database_bytes', 321)]);
    expect(await embedded('database_connections_percent')).toBeUndefined();
    expect(await embedded('replication_lag_seconds')).toBeUndefined();
  });

  it('tells how far each standby is behind', async () => {
    const row = { standby: 'west at 10.0.0.2', lag_seconds: 2, replayed_bytes: 100, behind_bytes: 2000 };
    const ask = start({ pg_stat_replication: [row] });
    const told = (value: number) =>
      observed('replication_lag_seconds', value, { standby: row.standby }, '2.0 kB of the log behind');
    expect(await ask('replication_lag_seconds')).toEqual([told(2)]);
    clock.advance({ minutes: 1 });
    expect(await ask('replication_lag_seconds')).toEqual([told(60)]);
  });

  it('tells how many rows of a large table are dead, and from the second look on how it is scanned', async () => {
    const answers = { pg_stat_get_live_tuples: [table(1000, 0, 10_000)] };
    const ask = start(answers);
    const dead = observed('table_bloat_percent', 25, { table: 'archon_events' }, '10000 of 40000 rows are dead');
    expect(await ask('table_bloat_percent')).toEqual([dead]);
    answers.pg_stat_get_live_tuples = [table(1010, 30, 10_000)];
    expect(await ask('sequential_scan_percent')).toEqual([
      observed('sequential_scan_percent', 25, { table: 'archon_events' }),
    ]);
  });

  it('tells nothing of what the login may not see, and fails while the database is away', async () => {
    const signals = ['database_bytes', 'replication_lag_seconds', 'table_bloat_percent'] as const;
    const answers = (error: Error) => ({
      pg_database_size: error,
      pg_stat_replication: error,
      pg_stat_get_live_tuples: error,
    });
    for (const code of ['42501', '42883', '42P01', '0A000']) {
      const ask = start(answers(refused(code)));
      for (const signal of signals) expect(await ask(signal), `${signal} ${code}`).toEqual([]);
    }
    const away = start(answers(new ArchonError('STORAGE_UNAVAILABLE', 'The database is away.')));
    for (const signal of signals) await expect(away(signal), signal).rejects.toThrow('The database is away.');
  });
});
