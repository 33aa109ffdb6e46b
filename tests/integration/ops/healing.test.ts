/** What the agent does about real faults of real services, and whether it says truly what came of it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OpsAction } from '../../../src-contract/index.ts';
import { LOCAL_ORG_ID, type Scope } from '../../../src-main/identity/scope.ts';
import { circuitBreakerReset } from '../../../src-main/ops-agent/remediation/remediators/circuit-breaker-reset.ts';
import { eventReplay } from '../../../src-main/ops-agent/remediation/remediators/event-replay.ts';
import { workerRestart } from '../../../src-main/ops-agent/remediation/remediators/worker-restart.ts';
import { type DeliveryNode, publish, startDelivery } from '../../support/delivery-nodes.ts';
import { type FaultWorld, startFaultWorld, untilSo } from '../../support/fault-world.ts';
import { type HealingWorld, NODE, remediation, startHealing } from '../../support/ops-healing.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { redisAvailable } from '../../support/redis-server.ts';
import { TestClock } from '../../support/test-clock.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';
import { type TestNodes, testNodes, testWorker, until } from '../../support/worker-nodes.ts';

const list = async (healing: HealingWorld, org_id: string): Promise<OpsAction[]> =>
  (await healing.healing.list({ org_id, actor: 'ada' }, { limit: 100 })).items;

describe.runIf(postgresAvailable && redisAvailable)('a breaker that Redis opened', () => {
  let world: FaultWorld;
  let healing: HealingWorld;
  beforeAll(async () => {
    // It is not tried by itself while the test lasts: who closes it is the agent.
    world = await startFaultWorld({ 'resilience.redis.reset_seconds': 3600 });
    const { resilience, delivery } = world.server.engine.services;
    healing = startHealing({
      remediators: { 'circuit-breaker-reset': circuitBreakerReset({ resilience, delivery }, NODE) },
    });
    healing.rules.set('breaker-open', remediation({ remediator: 'circuit-breaker-reset' }));
  });
  afterAll(async () => {
    await healing?.stop();
    await world?.stop();
  });

  it('stays open while Redis is down, with the root cause in the alert, and is closed once it answers', async () => {
    await world.redis.stop('SIGKILL');
    await untilSo(async () => {
      await world.call('GET', '/api/memory/session/talk');
      return world.breaker('redis').state.state === 'open';
    });
    const alert = healing.alerts.fire('breaker-open', { breaker: 'redis', node: NODE });
    await healing.round();
    const [first] = await list(healing, LOCAL_ORG_ID);
    expect(first).toMatchObject({
      state: { state: 'did_not_help' },
      target: { breaker: 'redis', node: NODE },
      outcome: expect.stringContaining('did not pass the test'),
    });
    expect(first?.before.find(({ label }) => label === 'State')?.value).toMatch(/^open since/);
    expect(healing.alerts.get('', alert.id)?.cause).toMatch(/^Redis/);
    expect(world.breaker('redis').state.state).toBe('open');

    await world.redis.restart();
    await healing.round();
    expect(await list(healing, LOCAL_ORG_ID)).toHaveLength(1);
    await healing.round({ minutes: 5 });
    const [second] = await list(healing, LOCAL_ORG_ID);
    expect(second).toMatchObject({ attempt: 2, state: { state: 'helped' } });
    expect(second?.after).toContainEqual({ label: 'State', value: 'closed' });
    expect(world.breaker('redis').state.state).toBe('closed');
    expect((await world.call('GET', '/api/memory/sessions?user_id=mira')).status).toBe(200);
  });

  it('is not touched when a person isolated it', async () => {
    const { resilience } = world.server.engine.services;
    const scope = { org_id: LOCAL_ORG_ID, actor: 'ada' };
    resilience.isolate(scope, { breaker: 'redis', reason: 'moving it' });
    const input = { remediator: 'circuit-breaker-reset', target: { breaker: 'redis', node: NODE } } as const;
    await expect(healing.healing.run(scope, input)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('moving it'),
    });
    expect(world.breaker('redis').state.state).toBe('isolated');
    resilience.release(scope, 'redis');
  });

  it('is not for an organisation that shares the service', async () => {
    const scope = { org_id: '00000000-0000-7000-8000-0000000000b2', actor: 'bo' };
    const input = { remediator: 'circuit-breaker-reset', target: { breaker: 'redis', node: NODE } } as const;
    expect(await healing.healing.preview(scope, input)).toMatchObject({
      blocked: expect.stringContaining('whole installation'),
    });
  });
});

describe.each(databaseKinds.filter(({ available }) => available))('on $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  let healing: HealingWorld | undefined;
  beforeAll(async () => {
    test = await kind.open();
  });
  afterAll(() => test?.remove());
  beforeEach(async () => {
    scope = await test.newScope();
  });
  afterEach(async () => {
    await healing?.stop();
    healing = undefined;
  });

  describe('dead letters', () => {
    const NAMES = Array.from({ length: 12 }, (_, number) => `s${number}`);
    let node: DeliveryNode;
    let isWell = false;
    beforeEach(async () => {
      isWell = false;
      const subscriber = {
        name: 'strict',
        retry: { first_seconds: 0, factor: 1, max_seconds: 0, attempts: 1 },
        handle: async () => {
          if (!isWell) throw new Error('no room');
        },
      };
      node = await startDelivery(test.database, { scopes: [scope], subscribers: [subscriber] });
      await publish(test.database, scope, NAMES);
      await until(async () => (await node.deadLetters.count(scope, {})) === NAMES.length, 'all are dead letters');
    });
    afterEach(() => node?.stop());

    const start = (): HealingWorld => {
      // No webhook is among the subscribers, and so no breaker.
      const resilience = { list: () => [] };
      const world = startHealing({
        org_id: scope.org_id,
        remediators: { 'event-replay': eventReplay({ delivery: node, resilience }) },
      });
      world.rules.set('dead-letters', remediation({ remediator: 'event-replay' }));
      healing = world;
      return world;
    };
    const over = (world: HealingWorld) =>
      until(async () => {
        await world.healing.lookAfter();
        const [last] = await list(world, scope.org_id);
        return last?.ended_at ? last : undefined;
      }, 'the end of the replay');

    it('are replayed once their subscriber takes them', async () => {
      isWell = true;
      const world = start();
      world.alerts.fire('dead-letters', {});
      await world.round();
      expect(await over(world)).toMatchObject({
        state: { state: 'helped' },
        outcome: '12 dead letters were delivered, 0 failed again.',
        before: [
          { label: 'Dead letters', value: '12' },
          { label: 'strict', value: '12' },
        ],
        after: [{ label: 'Dead letters', value: '0' }],
      });
      expect(await node.deadLetters.stats(scope)).toMatchObject({ dead: 0, resolved: 12 });
    });

    it('that fail again did not help, and are there still', async () => {
      const world = start();
      world.alerts.fire('dead-letters', { subscriber: 'strict' });
      await world.round();
      expect(await over(world)).toMatchObject({ state: { state: 'did_not_help' } });
      expect(await node.deadLetters.stats(scope)).toMatchObject({ dead: 12, resolved: 0, replaying: 0 });
    });

    it('of nobody who would take them are left alone', async () => {
      await node.stop();
      node = await startDelivery(test.database, { scopes: [scope], subscribers: [] });
      const world = start();
      world.alerts.fire('dead-letters', {});
      await world.round();
      expect(await over(world)).toMatchObject({
        state: { state: 'skipped', reason: expect.stringContaining('strict: nobody would take them') },
      });
      expect(await node.deadLetters.stats(scope)).toMatchObject({ dead: 12 });
    });
  });

  describe('a worker that crashed', () => {
    let nodes: TestNodes;
    let clock: TestClock;
    let ran: number;
    let isWell: boolean;
    beforeEach(() => {
      ran = 0;
      isWell = false;
      clock = new TestClock('2026-03-01T10:00:00.000Z');
      const worker = testWorker(async () => {
        ran += 1;
        if (!isWell) throw new Error('no room');
      });
      nodes = testNodes(test, scope, [worker], clock);
    });
    afterEach(() => nodes?.stop());

    it('is restarted, and helped only when its run succeeds', async () => {
      const { workers } = nodes.add();
      await until(async () => (await workers.get(scope, 'tester')).nodes.length > 0, 'the node');
      await workers.runNow(scope, 'tester');
      await until(async () => {
        clock.advance({ minutes: 6 });
        nodes.poke();
        return (await workers.get(scope, 'tester')).state.state === 'crashed';
      }, 'the crash');
      const world = startHealing({
        org_id: scope.org_id,
        remediators: { 'worker-restart': workerRestart({ workers }) },
      });
      healing = world;
      const over = (count: number) =>
        until(async () => {
          await world.healing.lookAfter();
          const all = await list(world, scope.org_id);
          return all.length === count && all[0]?.ended_at ? all[0] : undefined;
        }, `the end of restart ${count}`);
      const alert = world.alerts.fire('worker-crashes', { worker: 'tester' });
      await world.round();
      expect(await over(1)).toMatchObject({
        state: { state: 'did_not_help' },
        outcome: expect.stringContaining('failed again: no room'),
      });
      expect(world.alerts.get('', alert.id)?.cause).toContain('no room');

      isWell = true;
      const before = ran;
      await world.round({ minutes: 6 });
      expect(await over(2)).toMatchObject({ attempt: 2, state: { state: 'helped' } });
      expect(ran).toBe(before + 1);
      expect((await workers.get(scope, 'tester')).counts.failures_in_a_row).toBe(0);
    });

    it('is left alone when a person paused it', async () => {
      const { workers } = nodes.add();
      await until(async () => (await workers.get(scope, 'tester')).nodes.length > 0, 'the node');
      await workers.pause(scope, 'tester');
      const world = startHealing({
        org_id: scope.org_id,
        remediators: { 'worker-restart': workerRestart({ workers }) },
      });
      healing = world;
      world.alerts.fire('worker-crashes', { worker: 'tester' });
      await world.round();
      expect((await list(world, scope.org_id))[0]?.state).toMatchObject({
        state: 'skipped',
        reason: expect.stringContaining('paused it'),
      });
      expect(ran).toBe(0);
    });
  });
});
