/** Notes and leases of the ops agent in PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqliteMigrationsFolder } from '../../../src-main/app-files.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { PostgresLeaseTable } from '../../../src-main/ops-agent/agent/lease-table.ts';
import { OpsRecords, type SharedRecord } from '../../../src-main/ops-agent/records/ops-records.ts';
import { RecordSharing } from '../../../src-main/ops-agent/records/record-sharing.ts';
import { pruneShared } from '../../../src-main/ops-agent/records/retention.ts';
import { PostgresSharedTable } from '../../../src-main/ops-agent/records/shared-table.ts';
import { HistoryStore } from '../../../src-main/storage/history-store.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';

const DAY_MS = 86_400_000;
const server = databaseKinds.find(({ name }) => name === 'PostgreSQL');

describe.runIf(server?.available)('notes in PostgreSQL', () => {
  let test: TestDatabase;
  let scope: Scope;
  const folders: string[] = [];
  const stores: HistoryStore[] = [];
  beforeAll(async () => {
    if (!server) return;
    test = await server.open();
    scope = await test.newScope();
  });
  afterAll(async () => {
    for (const store of stores) store.close();
    for (const folder of folders) rmSync(folder, { recursive: true });
    await test?.remove();
  });

  function nodeOf(writer: string) {
    const folder = mkdtempSync(join(tmpdir(), 'archon-notes-'));
    const store = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
    folders.push(folder);
    stores.push(store);
    const records = new OpsRecords(store.db, { shared: true, writer });
    const table = new PostgresSharedTable(test.database, writer);
    const tuning = { look: 3_600_000, retry: [3_600_000, 3_600_000], page: 50 } as const;
    const sharing = new RecordSharing({
      records,
      table,
      organisations: () => [scope.org_id],
      logger: silentLogger,
      now_ms: () => Date.now(),
      tuning,
    });
    const write = (id: string, reason: string) =>
      records.put(scope.org_id, 'pause', {
        id,
        at_ms: Date.now(),
        open: false,
        document: { by: 'ada', at: '2026-11-30T12:00:00.000Z', reason, until: null },
      });
    const read = (id: string) => records.get(scope.org_id, 'pause', id)?.reason;
    return { records, table, write, read, sync: () => sharing.sync(scope.org_id, 30_000) };
  }

  it('come from one node to the other, whatever is in them', async () => {
    const [a, b] = [nodeOf('a'), nodeOf('b')];
    const reason = 'null byte \u0000, half a pair \ud800, "quotes", 日本';
    a.write('odd', reason);
    for (let n = 0; n < 120; n++) a.write(`many-${n}`, `${n}`);
    await a.sync();
    await b.sync();
    expect(b.read('odd')).toBe(reason);
    expect(b.records.list(scope.org_id, 'pause', { limit: 1000 })).toHaveLength(121);
    expect(a.records.unsavedCount(scope.org_id)).toBe(0);
  });

  it('are those of the later version, with the database as referee', async () => {
    const { table } = nodeOf('referee');
    const version = (changed_ms: number, writer: string): SharedRecord => ({
      kind: 'pause',
      id: 'contested',
      at_ms: 1,
      open: false,
      removed: false,
      document: `"${changed_ms} ${writer}"`,
      changed_ms,
      writer,
    });
    for (const each of [version(2, 'b'), version(1, 'z'), version(2, 'a'), version(2, 'b'), version(2, 'c')]) {
      await table.push(scope, [each], false);
    }
    const { versions } = await table.changes(scope, 0, 1000);
    expect(versions.find(({ id }) => id === 'contested')?.document).toBe('"2 c"');
  });

  it('of a transaction that commits late are not passed over', async () => {
    const [a, reader] = [nodeOf('late'), nodeOf('reader')];
    await reader.sync();
    const slow = new pg.Client({ connectionString: test.pool.connectionString });
    await slow.connect();
    try {
      await slow.query('BEGIN');
      await slow.query(`SELECT pg_advisory_xact_lock(hashtextextended('archon ops records ' || $1, 0))`, [
        scope.org_id,
      ]);
      await slow.query(
        `INSERT INTO archon_ops_records (org_id, kind, id, at_ms, open, removed, document, changed_ms, writer, seq)
         VALUES ($1, 'pause', 'slow', 1, false, false, '{"reason":"slow"}', 1, 'slow', nextval('archon_ops_records_seq'))`,
        [scope.org_id],
      );
      a.write('quick', 'quick');
      const pushed = a.sync();
      await expect
        .poll(async () => {
          const { rows } = await slow.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`);
          return rows.length;
        })
        .toBe(1);
      await reader.sync();
      expect([reader.read('slow'), reader.read('quick')]).toEqual([undefined, undefined]);
      await slow.query('COMMIT');
      await pushed;
      await reader.sync();
      expect([reader.read('slow'), reader.read('quick')]).toEqual(['slow', 'quick']);
    } finally {
      await slow.end();
    }
  });

  it('of one organisation are not shown to another', async () => {
    const a = nodeOf('mine');
    a.write('secret', 'mine alone');
    await a.sync();
    const other = await test.newScope();
    expect((await a.table.changes(other, 0, 1000)).versions).toEqual([]);
  });

  it('are removed when they have been kept for long enough', async () => {
    const own = await test.newScope();
    const { table } = nodeOf('old');
    const now_ms = 1000 * DAY_MS;
    const version = (kind: SharedRecord['kind'], id: string, days: number, document = '{}', open = false) => ({
      ...{ kind, id, at_ms: now_ms - days * DAY_MS, open, removed: false, document, changed_ms: 1, writer: 'old' },
    });
    await table.push(
      own,
      [
        version('alert', 'kept', 89),
        version('alert', 'over', 91),
        version('alert', 'fires still', 91, '{}', true),
        version('delivery', 'sent', 31),
        version('node', 'gone', 2),
        version('remark', 'of the kept', 91, '{"alert_id":"kept"}'),
        version('remark', 'of nothing', 2, '{"alert_id":"over"}'),
        { ...version('rule', 'removed', 2, 'null'), removed: true },
        { ...version('node', 'ended', 2, 'null'), removed: true },
      ],
      false,
    );
    await pruneShared(table, own.org_id, now_ms);
    const { versions } = await table.changes(own, 0, 1000);
    expect(versions.map(({ id }) => id).sort()).toEqual(['fires still', 'kept', 'of the kept', 'removed']);
  });

  it('leave the lease with who has it, until it is over or given back', async () => {
    const own = await test.newScope();
    const leases = new PostgresLeaseTable(test.database);
    const [a, b] = [
      { holder: 'a', node: 'first' },
      { holder: 'b', node: 'second' },
    ];
    expect(await leases.take(own, a, 60_000)).toEqual(a);
    expect(await leases.take(own, b, 60_000)).toEqual(a);
    expect(await leases.take(own, a, 1)).toEqual(a);
    await expect.poll(() => leases.take(own, b, 60_000)).toEqual(b);
    expect(await leases.take(own, a, 60_000)).toEqual(b);
    await leases.release(own, 'a');
    expect(await leases.take(own, a, 60_000)).toEqual(b);
    await leases.release(own, 'b');
    expect(await leases.take(own, a, 60_000)).toEqual(a);
  });

  it('give the lease to one of many who ask at once', async () => {
    const own = await test.newScope();
    const leases = new PostgresLeaseTable(test.database);
    const claims = Array.from({ length: 8 }, (_, n) => leases.take(own, { holder: `${n}`, node: `node ${n}` }, 60_000));
    expect(new Set((await Promise.all(claims)).map(({ holder }) => holder)).size).toBe(1);
  });
});
