/** Agents of nodes that share a PostgreSQL server: who acts, and what they tell each other. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpsObservation } from '../../../src-contract/index.ts';
import { Organisations } from '../../../src-main/identity/organisations.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { type OpsNode, startOpsNode } from '../../support/ops-node.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const PATIENCE = { timeout: 20_000 };
const ada = { org_id: LOCAL_ORG_ID, actor: 'ada' };
const disk = (node: string, value: number): OpsObservation => ({
  signal: 'disk_percent',
  labels: { node },
  value,
  detail: null,
});

describe.runIf(postgresAvailable)('ops agents of two nodes', () => {
  let test: TestDatabase;
  let url: string;
  let nodes: OpsNode[];
  beforeAll(async () => {
    const kind = databaseKinds.find(({ name }) => name === 'PostgreSQL');
    if (!kind) throw new Error('no PostgreSQL');
    test = await kind.open();
    url = `${test.pool.connectionString}`;
    await new Organisations(test.database).ensure(ada);
  });
  afterAll(() => test?.remove());
  beforeEach(async () => {
    nodes = [];
    await test.database.withScope(ada, async (tx) => {
      await tx.sql('DELETE FROM archon_ops_leases');
      await tx.sql('DELETE FROM archon_ops_records');
    });
  });
  afterEach(async () => {
    for (const node of nodes) await node.stop();
  });

  async function start(name: string, sees: OpsObservation[] = [disk(name, 50)]): Promise<OpsNode> {
    const node = await startOpsNode(name, url, sees);
    nodes.push(node);
    await expect.poll(() => node.status().last_round, PATIENCE).not.toBeNull();
    return node;
  }

  async function kill(node: OpsNode): Promise<void> {
    nodes.splice(nodes.indexOf(node), 1);
    await node.kill();
  }

  it('act once: the second follows, and says whom', async () => {
    const first = await start('first');
    const second = await start('second');
    expect([first.leads(), second.leads()]).toEqual([true, false]);
    expect(second.status().agent).toEqual({ state: 'following', leader: 'first' });
    expect(second.judged).toEqual([]);
    expect(second.assisted()).toBeGreaterThan(0);
    const { storage, nodes: seen } = second.status();
    expect(storage).toEqual({ shared: true, unsaved: expect.any(Number), away_since: null });
    expect(seen.map(({ node, leads }) => [node, leads]).sort()).toEqual([
      ['first', true],
      ['second', false],
    ]);
  });

  it('hand over at once when the first stops, and when its lease is over when it was killed', async () => {
    const first = await start('first');
    const second = await start('second');
    nodes.splice(nodes.indexOf(first), 1);
    await first.stop();
    await expect.poll(() => second.leads(), PATIENCE).toBe(true);
    // It does not wait for its interval of an hour to act.
    await expect.poll(() => second.judged.length, PATIENCE).toBeGreaterThan(0);
    const third = await start('third');
    expect(third.leads()).toBe(false);
    await kill(second);
    await expect.poll(() => third.leads(), PATIENCE).toBe(true);
  });

  it('are as they were while the database is away, and after', async () => {
    const first = await start('first');
    const second = await start('second');
    await first.line.refuse();
    await second.line.refuse();
    await first.agent.run(ada);
    await second.agent.run(ada);
    await expect.poll(() => first.status().storage.away_since, PATIENCE).not.toBeNull();
    await expect.poll(() => second.status().storage.away_since, PATIENCE).not.toBeNull();
    expect([first.leads(), second.leads()]).toEqual([true, false]);
    first.agent.pause(ada, { reason: 'while it is away' });
    expect(first.status().storage.unsaved).toBeGreaterThan(0);
    await first.line.heal();
    await second.line.heal();
    await expect.poll(() => second.status().paused?.reason, PATIENCE).toBe('while it is away');
    await expect.poll(() => first.status().storage.unsaved, PATIENCE).toBe(0);
    expect([first.leads(), second.leads()]).toEqual([true, false]);
  });

  it('are one again after the first had lost its line while the second had not', async () => {
    const first = await start('first');
    const second = await start('second');
    await first.line.refuse();
    await expect.poll(() => second.leads(), PATIENCE).toBe(true);
    expect(first.leads()).toBe(true);
    await first.line.heal();
    await expect.poll(() => first.leads(), PATIENCE).toBe(false);
    expect(second.leads()).toBe(true);
  });

  it('show the one that acts what a person says on the other, at once', async () => {
    const first = await start('first');
    const second = await start('second');
    const rounds = first.judged.length;
    second.records.put(LOCAL_ORG_ID, 'remark', {
      id: 'r',
      at_ms: Date.now(),
      open: false,
      document: { alert_id: 'a', kind: 'acknowledged', text: null, by: 'ada', at: new Date().toISOString() },
    });
    await expect.poll(() => first.records.get(LOCAL_ORG_ID, 'remark', 'r')?.by, PATIENCE).toBe('ada');
    await expect.poll(() => first.judged.length, PATIENCE).toBeGreaterThan(rounds);
    second.agent.pause(ada, { reason: 'hands off' });
    await expect.poll(() => first.judged.at(-1)?.paused, PATIENCE).toBe(true);
    second.agent.resume(ada);
    await expect.poll(() => first.judged.at(-1)?.paused, PATIENCE).toBe(false);
  });

  it('judge what each node sees of itself, and only that', async () => {
    const first = await start('first', [disk('first', 10)]);
    await start('second', [
      disk('second', 95),
      disk('first', 99),
      { signal: 'dead_letters', labels: {}, value: 7, detail: null },
    ]);
    await expect
      .poll(async () => {
        await first.agent.run(ada);
        return first.judged.at(-1)?.observations;
      }, PATIENCE)
      .toEqual([disk('first', 10), disk('second', 95)]);
  });

  it('look when a person asks one that only follows', async () => {
    const first = await start('first');
    const second = await start('second');
    const rounds = first.judged.length;
    await second.agent.run(ada);
    await expect.poll(() => first.judged.length, PATIENCE).toBeGreaterThan(rounds);
  });

  it('know of one whose agent is switched off, which does what it is assigned and never leads', async () => {
    const silent = await startOpsNode('silent', url, [disk('silent', 95)], { enabled: false });
    nodes.push(silent);
    await expect.poll(() => silent.status().last_round, PATIENCE).not.toBeNull();
    expect([silent.leads(), silent.judged]).toEqual([false, []]);
    expect(silent.status().agent).toEqual({ state: 'off', reason: expect.stringContaining('only observes') });
    const acting = await start('acting', [disk('acting', 10)]);
    await acting.agent.run(ada);
    expect(acting.judged.at(-1)?.observations).toEqual([disk('acting', 10), disk('silent', 95)]);
    const assisted = silent.assisted();
    await acting.agent.run(ada);
    silent.agent.ring(LOCAL_ORG_ID);
    await expect.poll(() => silent.assisted(), PATIENCE).toBeGreaterThan(assisted);
    await acting.agent.stop();
    silent.agent.ring(LOCAL_ORG_ID);
    await expect.poll(() => silent.assisted(), PATIENCE).toBeGreaterThan(assisted + 1);
    expect([silent.leads(), silent.judged]).toEqual([false, []]);
  });
});
