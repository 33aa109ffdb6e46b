import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { ArchonError } from '../../errors.ts';
import { Leases } from './leadership.ts';
import type { LeaseHolder, LeaseTable } from './lease-table.ts';

const ORG = '00000000-0000-7000-8000-000000000001';
const logger = pino({ level: 'silent' });

/** Leases as PostgreSQL keeps them, with a clock that is moved by hand. */
class TableInMemory implements LeaseTable {
  now_ms = 0;
  away = false;
  readonly cut = new Set<string>();
  #held: (LeaseHolder & { until_ms: number }) | undefined;

  async take(_scope: unknown, claimant: LeaseHolder, lease_ms: number): Promise<LeaseHolder> {
    this.#reach(claimant.holder);
    const held = this.#held;
    if (held && held.holder !== claimant.holder && held.until_ms >= this.now_ms) return held;
    this.#held = { ...claimant, until_ms: this.now_ms + lease_ms };
    return claimant;
  }

  async holder(): Promise<LeaseHolder | undefined> {
    if (this.away) throw new ArchonError('STORAGE_UNAVAILABLE', 'away');
    return this.#held;
  }

  async release(_scope: unknown, holder: string): Promise<void> {
    this.#reach(holder);
    if (this.#held?.holder === holder) this.#held = undefined;
  }

  #reach(holder: string): void {
    if (this.away || this.cut.has(holder)) throw new ArchonError('STORAGE_UNAVAILABLE', 'away');
  }
}

const monotonic = { now: 0 };
const nodes: Leases[] = [];
afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
});

/** A node that is in contact only when a test says so. */
async function nodeOf(table: LeaseTable, name: string): Promise<Leases> {
  const node = new Leases({
    table,
    claimant: { holder: name, node: `node ${name}` },
    organisations: () => [],
    logger,
    monotonic_ms: () => monotonic.now,
    tuning: { renew: 3_600_000, retry: [3_600_000, 3_600_000] },
  });
  nodes.push(node);
  node.start();
  return node;
}

describe('who acts', () => {
  it('is the first node, and the next one when its lease is over', async () => {
    const table = new TableInMemory();
    const [a, b] = [await nodeOf(table, 'a'), await nodeOf(table, 'b')];
    expect([a.leads(ORG), a.leader(ORG)]).toEqual([false, null]);
    await a.contact(ORG);
    await b.contact(ORG);
    expect([a.leads(ORG), b.leads(ORG), b.leader(ORG)]).toEqual([true, false, 'node a']);
    table.now_ms = 30_001;
    await b.contact(ORG);
    await a.contact(ORG);
    expect([a.leads(ORG), b.leads(ORG), a.leader(ORG)]).toEqual([false, true, 'node b']);
  });

  it('is the next node at once when the first one stops', async () => {
    const table = new TableInMemory();
    const [a, b] = [await nodeOf(table, 'a'), await nodeOf(table, 'b')];
    await a.contact(ORG);
    await b.contact(ORG);
    await a.stop();
    await b.contact(ORG);
    expect([a.leads(ORG), b.leads(ORG)]).toEqual([false, true]);
  });

  it('stays the same while the database is away', async () => {
    const table = new TableInMemory();
    const [a, b] = [await nodeOf(table, 'a'), await nodeOf(table, 'b')];
    await a.contact(ORG);
    await b.contact(ORG);
    table.away = true;
    table.now_ms = 3_600_000;
    await a.contact(ORG);
    await b.contact(ORG);
    expect([a.leads(ORG), b.leads(ORG)]).toEqual([true, false]);
    table.away = false;
    // The one that follows is back first, and leaves the other the time of a lease.
    await b.contact(ORG);
    await a.contact(ORG);
    await b.contact(ORG);
    expect([a.leads(ORG), b.leads(ORG)]).toEqual([true, false]);
  });

  it('is the next node when the one that led does not come back after the database', async () => {
    const table = new TableInMemory();
    const [a, b] = [await nodeOf(table, 'a'), await nodeOf(table, 'b')];
    await a.contact(ORG);
    await b.contact(ORG);
    table.away = true;
    await b.contact(ORG);
    table.away = false;
    table.now_ms = 3_600_000;
    await b.contact(ORG);
    monotonic.now += 29_999;
    await b.contact(ORG);
    expect(b.leads(ORG)).toBe(false);
    monotonic.now += 1;
    await b.contact(ORG);
    expect(b.leads(ORG)).toBe(true);
  });

  it('is a node for itself that has never known the database', async () => {
    const table = new TableInMemory();
    const a = await nodeOf(table, 'a');
    await a.contact(ORG);
    table.away = true;
    const b = await nodeOf(table, 'b');
    await b.contact(ORG);
    expect([b.leads(ORG), b.leader(ORG)]).toEqual([true, 'node b']);
    table.away = false;
    await b.contact(ORG);
    expect([b.leads(ORG), b.leader(ORG)]).toEqual([false, 'node a']);
  });

  it('is one node again after the network had parted two of them', async () => {
    const table = new TableInMemory();
    const [a, b] = [await nodeOf(table, 'a'), await nodeOf(table, 'b')];
    await a.contact(ORG);
    await b.contact(ORG);
    table.cut.add('a');
    table.now_ms = 30_001;
    await a.contact(ORG);
    await b.contact(ORG);
    expect([a.leads(ORG), b.leads(ORG)]).toEqual([true, true]);
    table.cut.delete('a');
    await a.contact(ORG);
    expect([a.leads(ORG), b.leads(ORG)]).toEqual([false, true]);
  });

  it('is told when it changes', async () => {
    const table = new TableInMemory();
    const a = await nodeOf(table, 'a');
    const told: boolean[] = [];
    a.onChange((_org_id, leads) => told.push(leads));
    await a.contact(ORG);
    await a.contact(ORG);
    await a.stop();
    expect(told).toEqual([true, false]);
  });
});
