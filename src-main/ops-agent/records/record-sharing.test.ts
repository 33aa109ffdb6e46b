import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { ArchonError } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { HistoryStore } from '../../storage/history-store.ts';
import { OpsRecords, type RecordChange, type SharedRecord } from './ops-records.ts';
import { RecordSharing } from './record-sharing.ts';
import { isNewer } from './record-version.ts';
import type { Changes, SharedTable } from './shared-table.ts';

const ORG = '00000000-0000-7000-8000-000000000001';
const logger = pino({ level: 'silent' });
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function openStore(): HistoryStore {
  const folder = mkdtempSync(join(tmpdir(), 'archon-sharing-'));
  const store = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
  closers.push(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  return store;
}

/** The table as PostgreSQL keeps it. */
class TableInMemory implements SharedTable {
  away = false;
  told = 0;
  seq = 0;
  readonly rows = new Map<string, SharedRecord & { seq: number }>();

  async push(_scope: Scope, versions: readonly SharedRecord[], tell: boolean): Promise<void> {
    this.#reach();
    if (tell) this.told++;
    for (const version of versions) {
      const key = `${version.kind} ${version.id}`;
      const kept = this.rows.get(key);
      if (!kept || isNewer(version, kept)) this.rows.set(key, { ...version, seq: ++this.seq });
    }
  }

  async changes(_scope: Scope, after: number, limit: number): Promise<Changes> {
    this.#reach();
    const all = [...this.rows.values()].sort((one, other) => one.seq - other.seq);
    const found = all.filter(({ seq }) => seq > after).slice(0, limit);
    return {
      versions: found.map(({ seq: _seq, ...version }) => version),
      up_to: found.at(-1)?.seq ?? after,
      more: found.length === limit,
      last: all.at(-1)?.seq ?? 0,
    };
  }

  async ring(): Promise<void> {
    this.#reach();
  }

  async prune(): Promise<void> {}
  async pruneOrphans(): Promise<void> {}
  async pruneRemoved(): Promise<void> {}

  #reach(): void {
    if (this.away) throw new ArchonError('STORAGE_UNAVAILABLE', 'away');
  }
}

let count = 0;
function nodeOf(table: SharedTable, { clock = new TestClock(1_000_000), page = 200, store = openStore() } = {}) {
  const records = new OpsRecords(store.db, {
    shared: true,
    clock,
    writer: `writer-${String(count++).padStart(4, '0')}`,
  });
  const tuning = { look: 3_600_000, retry: [3_600_000, 3_600_000], page } as const;
  const sharing = new RecordSharing({
    records,
    table,
    organisations: () => [ORG],
    logger,
    now_ms: () => clock.now(),
    tuning,
  });
  const write = (id: string, reason: string) =>
    records.put(ORG, 'pause', { id, at_ms: clock.now(), open: true, document: pauseOf(reason) });
  const read = (id: string) => records.get(ORG, 'pause', id)?.reason;
  return { records, sharing, clock, write, read, sync: () => sharing.sync(ORG, 10_000) };
}

const pauseOf = (reason: string) => ({ by: 'ada', at: '2026-11-30T12:00:00.000Z', reason, until: null });

describe('notes of nodes that share a database', () => {
  it('come to the other node, removals too', async () => {
    const table = new TableInMemory();
    const [a, b] = [nodeOf(table), nodeOf(table)];
    const heard: RecordChange[] = [];
    b.records.onChange((change) => heard.push(change));
    a.write('x', 'first');
    expect(a.records.unsavedCount(ORG)).toBe(1);
    await a.sync();
    await b.sync();
    expect(b.read('x')).toBe('first');
    expect(heard).toEqual([{ org_id: ORG, kind: 'pause', id: 'x', own: false }]);
    expect(a.records.unsavedCount(ORG)).toBe(0);
    b.records.remove(ORG, 'pause', 'x');
    await b.sync();
    await a.sync();
    expect(a.read('x')).toBeUndefined();
    expect(a.records.list(ORG, 'pause', { limit: 9 })).toEqual([]);
  });

  it('of a node whose clock is behind are not lost when they were made of what it knew', async () => {
    const table = new TableInMemory();
    const [fast, slow] = [nodeOf(table, { clock: new TestClock(9_000_000) }), nodeOf(table)];
    fast.write('x', 'by the fast one');
    await fast.sync();
    await slow.sync();
    slow.write('x', 'by the slow one, later');
    await slow.sync();
    await fast.sync();
    expect(fast.read('x')).toBe('by the slow one, later');
  });

  it('wait while the database is away, and are brought when it is back', async () => {
    const table = new TableInMemory();
    const [a, b] = [nodeOf(table), nodeOf(table)];
    table.away = true;
    a.write('x', 'first');
    await a.sync();
    expect(a.sharing.away_since_ms).toBe(1_000_000);
    expect(a.read('x')).toBe('first');
    table.away = false;
    await a.sync();
    await b.sync();
    expect(a.sharing.away_since_ms).toBeUndefined();
    expect(b.read('x')).toBe('first');
  });

  it('that are written while they are brought are brought after', async () => {
    const table = new TableInMemory();
    const [a, b] = [nodeOf(table), nodeOf(table)];
    const push = table.push.bind(table);
    table.push = async (...given) => {
      table.push = push;
      a.write('x', 'second');
      await push(...given);
    };
    a.write('x', 'first');
    await a.sync();
    expect(a.records.unsavedCount(ORG)).toBe(1);
    await a.sync();
    await b.sync();
    expect(b.read('x')).toBe('second');
  });

  it('come page by page', async () => {
    const table = new TableInMemory();
    const [a, b] = [nodeOf(table, { page: 3 }), nodeOf(table, { page: 3 })];
    for (let n = 0; n < 10; n++) a.write(`x${n}`, `${n}`);
    await a.sync();
    await b.sync();
    expect(b.records.list(ORG, 'pause', { limit: 99 })).toHaveLength(10);
  });

  it('are brought anew to a database that is older than it was, as after a restore', async () => {
    const table = new TableInMemory();
    const [a, b] = [nodeOf(table), nodeOf(table)];
    a.write('x', 'kept');
    a.write('y', 'kept too');
    await a.sync();
    table.rows.clear();
    table.seq = 0;
    await a.sync();
    await a.sync();
    await b.sync();
    expect([b.read('x'), b.read('y')]).toEqual(['kept', 'kept too']);
  });

  it('of a node alone are not told of to others', async () => {
    const table = new TableInMemory();
    const a = nodeOf(table);
    const document = { node: 'a', at_ms: 1, observations: [], failed: [] };
    a.records.put(ORG, 'node', { id: 'a', at_ms: 1, open: false, document });
    await a.sync();
    expect(table.told).toBe(0);
    a.write('x', 'told');
    await a.sync();
    expect(table.told).toBe(1);
  });

  it('are the same on every node in the end, whoever writes, pushes, pulls and is cut off when', async () => {
    const step = fc.record({
      node: fc.nat(2),
      what: fc.constantFrom('write', 'remove', 'sync', 'away', 'back', 'later') as fc.Arbitrary<
        'write' | 'remove' | 'sync' | 'away' | 'back' | 'later'
      >,
      id: fc.constantFrom('x', 'y'),
    });
    const stores = [openStore(), openStore(), openStore()];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const table = new TableInMemory();
        // One of the clocks is behind.
        const nodes = stores.map((store, at) => {
          store.db.exec('DELETE FROM ops_records');
          return nodeOf(table, { store, clock: new TestClock(at === 1 ? 500_000 : 1_000_000) });
        });
        const last = new Map<string, string>();
        for (const [index, { node: at, what, id }] of steps.entries()) {
          const node = nodes[at];
          if (!node) continue;
          if (what === 'write') {
            node.write(id, `${index}`);
            last.set(`${at} ${id}`, `${index}`);
          }
          if (what === 'remove') node.records.remove(ORG, 'pause', id);
          if (what === 'sync') await node.sync();
          if (what === 'away') table.away = true;
          if (what === 'back') table.away = false;
          if (what === 'later') node.clock.advance({ ms: 7 });
        }
        table.away = false;
        for (const node of [...nodes, ...nodes]) await node.sync();
        for (const id of ['x', 'y']) {
          const values = nodes.map((node) => node.read(id));
          expect(new Set(values).size, `${id}: ${values}`).toBe(1);
          // What holds is the last that one of the nodes said of it.
          const said = [undefined, ...nodes.map((_node, at) => last.get(`${at} ${id}`))];
          expect(said).toContain(values[0]);
        }
        for (const node of nodes) expect(node.records.unsavedCount(ORG)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
