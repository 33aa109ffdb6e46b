import { describe, expect, it } from 'vitest';
import type { BreakerTransition } from '../../../../src-contract/index.ts';
import type { DatabaseInsight } from '../../monitors/database-insight.ts';
import type { TableStatistics } from '../../monitors/database-tables.ts';
import type { Sample } from './advisor.ts';
import { breakersThatFlap } from './breaker-flapping.ts';
import { memoryIsSmall } from './database-memory.ts';
import { disksThatFill, fullestByHost, slopePerDay } from './disk-forecast.ts';
import { columnsOf, indexesMissing } from './missing-index.ts';
import { statementsThatAreSlow } from './slow-statements.ts';
import { tablesToKeepUp } from './table-upkeep.ts';
import { indexesOfArchon, indexesUnused } from './unused-index.ts';

const nothing = { told: false, reason: 'the login may not see it' } as const;
const insight = (given: Partial<DatabaseInsight> = {}): DatabaseInsight => ({
  at: '2026-11-30T12:00:00.000Z',
  statistics_since: null,
  server_started_at: null,
  sequential_tables: nothing,
  bloated_tables: nothing,
  unanalyzed_tables: nothing,
  unused_indexes: nothing,
  slow_statements: nothing,
  cache: nothing,
  ...given,
});
const table = (given: Partial<TableStatistics> = {}): TableStatistics => ({
  table: 'archon_longterm_memory',
  rows: 200_000,
  live_rows: 200_000,
  dead_rows: 0,
  bytes: 50_000_000,
  sequential_scans: 400,
  rows_read_sequentially: 80_000_000,
  index_scans: 100,
  changed_since_analyze: 0,
  never_analyzed: false,
  analyzed_at: null,
  vacuumed_at: null,
  ...given,
});
const statement = (filter: string | null) => ({
  statement: 'SELECT * FROM archon_longterm_memory WHERE subject = $1',
  calls: 300,
  mean_ms: 350,
  total_ms: 105_000,
  rows: 1,
  plan: { total_cost: 9000, sequential: [{ table: 'archon_longterm_memory', rows: 1, filter }], indexes: [] },
});

describe('advice', () => {
  it('says nothing where the login sees nothing', () => {
    const none = insight();
    for (const look of [indexesMissing, tablesToKeepUp, statementsThatAreSlow, memoryIsSmall]) {
      expect(look(none)).toEqual([]);
    }
  });

  it('names an index on what a slow statement looks for, and never makes it', () => {
    const [found] = indexesMissing(
      insight({
        sequential_tables: { told: true, items: [table()] },
        slow_statements: { told: true, items: [statement("((org_id = '1'::uuid) AND (subject = $1))")] },
      }),
    );
    expect(found).toMatchObject({
      id: 'missing-index:archon_longterm_memory',
      statement: 'CREATE INDEX CONCURRENTLY ON archon_longterm_memory (org_id, subject);',
      apply: null,
    });
    expect(found?.evidence.map(({ label }) => label)).toContain('Rows read so');
  });

  it('names no index for a table of the queue, which its library keeps', () => {
    const found = indexesMissing(
      insight({
        sequential_tables: { told: true, items: [table({ table: 'queue.job' })] },
        slow_statements: {
          told: true,
          items: [
            {
              ...statement(null),
              plan: {
                total_cost: 1,
                sequential: [{ table: 'queue.job', rows: 1, filter: '(name = $1)' }],
                indexes: [],
              },
            },
          ],
        },
      }),
    );
    expect(found).toMatchObject([{ statement: null, detail: expect.stringContaining('library') }]);
  });

  it('tells of an index that nobody uses only where it was added to those of Archon, and counted for a week', () => {
    const now = Date.parse('2026-11-30T12:00:00.000Z');
    const index = (name: string) => ({ index: name, table: 'archon_events', bytes: 5_000_000, definition: 'CREATE …' });
    const items = [index('archon_events_by_time'), index('"My index"')];
    const since = (given: Partial<DatabaseInsight>) =>
      indexesUnused(insight({ unused_indexes: { told: true, items }, ...given }), indexesOfArchon(), now);
    const [found, ...others] = since({ statistics_since: '2026-11-20T12:00:00.000Z' });
    expect(others).toEqual([]);
    expect(found).toMatchObject({ statement: 'DROP INDEX CONCURRENTLY "My index";', apply: null });
    expect(since({ statistics_since: '2026-11-29T12:00:00.000Z' })).toEqual([]);
    expect(since({ server_started_at: '2026-11-29T12:00:00.000Z' })).toEqual([]);
    expect(since({ server_started_at: '2026-11-20T12:00:00.000Z' })).toHaveLength(1);
    expect(since({})).toEqual([]);
  });

  it('knows every index that came with Archon', () => {
    expect([...indexesOfArchon()].every((name) => name.startsWith('archon_'))).toBe(true);
    expect(indexesOfArchon()).toContain('archon_longterm_text');
    expect(indexesOfArchon()).toContain('archon_ops_records_changes');
  });

  it('says what would tell more where no statement is known', () => {
    const [found] = indexesMissing(insight({ sequential_tables: { told: true, items: [table()] } }));
    expect(found).toMatchObject({ statement: null, detail: expect.stringContaining('pg_stat_statements') });
  });

  it('leaves tables alone that are seldom read whole', () => {
    const items = [table({ index_scans: 100_000 }), table({ rows_read_sequentially: 10_000 })];
    expect(indexesMissing(insight({ sequential_tables: { told: true, items } }))).toEqual([]);
  });

  it.each([
    ['((a = $1) AND (b > $2) AND (c < $3))', ['a', 'b']],
    ['((b >= $1) AND (a = $2))', ['a', 'b']],
    ["((kind)::text = 'x'::text)", ['kind']],
    ['(deleted_at IS NULL)', []],
    // No index on the column serves these.
    ["((payload ->> 'user'::text) = $1)", []],
    ['(lower(subject) = $1)', []],
    [
      "((org_id = (NULLIF(current_setting('app.org'::text), ''::text))::uuid) AND ((note)::text = $2))",
      ['org_id', 'note'],
    ],
    ['', []],
  ])('finds the columns of %s', (filter, columns) => {
    expect(columnsOf(filter)).toEqual(columns);
  });

  it('offers to make statistics of a table of ours, and leaves the queue to its library', () => {
    const items = [table({ never_analyzed: true }), table({ table: 'queue.job' })];
    expect(tablesToKeepUp(insight({ unanalyzed_tables: { told: true, items } })).map(({ apply }) => apply)).toEqual([
      { remediator: 'table-analyze', target: { table: 'archon_longterm_memory' } },
      null,
    ]);
  });

  it('gives VACUUM for a person to run', () => {
    const items = [table({ dead_rows: 100_000 })];
    expect(tablesToKeepUp(insight({ bloated_tables: { told: true, items } }))).toMatchObject([
      { statement: 'VACUUM (ANALYZE) archon_longterm_memory;', apply: null },
    ]);
  });

  it('keeps one id for one slow statement', () => {
    const slow = insight({ slow_statements: { told: true, items: [statement(null)] } });
    const [one] = statementsThatAreSlow(slow);
    expect(one?.id).toBe(statementsThatAreSlow(slow)[0]?.id);
    expect(one?.statement).toMatch(/^EXPLAIN \(GENERIC_PLAN\) SELECT/);
    const utility = { ...statement(null), statement: "ALTER ROLE ana PASSWORD 'secret'", plan: null };
    expect(statementsThatAreSlow(insight({ slow_statements: { told: true, items: [utility] } }))).toEqual([]);
  });

  it('asks for more memory only when much is read from outside', () => {
    const cache = (hit_percent: number | null, blocks_read: number) =>
      insight({ cache: { told: true, items: [{ hit_percent, blocks_read, shared_buffers_bytes: 128 * 1024 ** 2 }] } });
    expect(memoryIsSmall(cache(80, 1_000_000))[0]?.statement).toBe("ALTER SYSTEM SET shared_buffers = '256MB';");
    expect(memoryIsSmall(cache(99, 1_000_000))).toEqual([]);
    expect(memoryIsSmall(cache(80, 10))).toEqual([]);
    expect(memoryIsSmall(cache(null, 0))).toEqual([]);
  });

  const transition = (minutes: number, more: Partial<BreakerTransition> = {}): BreakerTransition => ({
    id: '0199d3a0-0000-7000-8000-000000000001',
    breaker: 'redis',
    service: 'redis',
    from: 'closed',
    to: 'open',
    at: new Date(Date.UTC(2026, 10, 30, 12) - minutes * 60_000).toISOString(),
    failures: 3,
    error: 'connect ECONNREFUSED',
    reason: null,
    by: null,
    ...more,
  });
  const now_ms = Date.UTC(2026, 10, 30, 12);

  it('tells of a breaker that opened often, not of trials of one outage', () => {
    const often = [1, 20, 40, 60, 80].map((minutes) => transition(minutes));
    const [found] = breakersThatFlap(often, new Map([['redis', 3]]), now_ms);
    expect(found).toMatchObject({
      id: 'breaker-flapping:redis',
      statement: 'archon config set resilience.redis.threshold 5',
    });
    const trials = [1, 2, 3, 4, 5, 6].map((minutes) => transition(minutes, { from: 'half_open' }));
    expect(breakersThatFlap(trials, new Map(), now_ms)).toEqual([]);
    const long_ago = [1, 2, 3, 4, 5].map((days) => transition(days * 1441));
    expect(breakersThatFlap(long_ago, new Map(), now_ms)).toEqual([]);
  });

  it('does not ask for a threshold beyond the highest', () => {
    const often = [1, 20, 40, 60, 80].map((minutes) => transition(minutes));
    expect(breakersThatFlap(often, new Map([['redis', 10]]), now_ms)[0]?.statement).toBeNull();
  });

  const disk = (per_day: number, start = 50): Sample[] =>
    Array.from({ length: 16 }, (_, step) => ({
      at_ms: step * 3 * 3_600_000,
      labels: { node: 'here:1' },
      value: start + (per_day * step * 3) / 24,
    }));

  const now = (values: readonly Sample[], node = 'here:1') => ({ node, now_ms: values.at(-1)?.at_ms ?? 0 });
  const forecast = (values: readonly Sample[], host = 'here') => disksThatFill(host, values, now(values));

  it('says in how many days the disk is full', () => {
    expect(slopePerDay(disk(4))).toBeCloseTo(4);
    expect(forecast(disk(4))[0]).toMatchObject({
      title: 'The disk of here is full in 10 days',
      impact: 'medium',
      apply: { remediator: 'cleanup-run', target: { node: 'here:1' } },
    });
    expect(forecast(disk(20), 'there')[0]).toMatchObject({ impact: 'high', apply: null });
  });

  it('says nothing of a disk that does not fill, nor after too short a look, nor of a computer that is gone', () => {
    expect(forecast(disk(0.1))).toEqual([]);
    expect(forecast(disk(-3))).toEqual([]);
    expect(forecast(disk(40).slice(0, 4))).toEqual([]);
    expect(forecast([])).toEqual([]);
    const days_later = { node: 'here:1', now_ms: (disk(20).at(-1)?.at_ms ?? 0) + 2 * 86_400_000 };
    expect(disksThatFill('here', disk(20), days_later)).toEqual([]);
  });

  it('goes on over a restart of the process, by the fullest disk of the computer', () => {
    const values = disk(4).map((sample, step) => ({ ...sample, labels: { node: step < 8 ? 'here:1' : 'here:2' } }));
    const small = disk(0, 10).map((sample) => ({ ...sample, labels: { node: 'here:3' } }));
    const hosts = fullestByHost([...values, ...small].sort((a, b) => a.at_ms - b.at_ms));
    expect([...hosts.keys()]).toEqual(['here']);
    expect(hosts.get('here')).toEqual(values);
  });
});
