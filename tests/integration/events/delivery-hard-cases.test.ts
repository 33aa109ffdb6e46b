/** What seldom happens to deliveries and replays, and must not lose, repeat or hold up anything. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../src-contract/index.ts';
import { type DurableSubscriber, NotTriedError } from '../../../src-main/events/delivery/durable-subscriber.ts';
import { JobQueue, queueOf } from '../../../src-main/events/delivery/job-queue.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { addDeadLetters } from '../../support/dead-letter-rows.ts';
import {
  AT_ONCE,
  type DeliveryNode,
  type NodeOptions,
  nameOf,
  publish,
  startDelivery,
  until,
} from '../../support/delivery-nodes.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';

describe.each(databaseKinds.filter(({ available }) => available))('hard cases of delivery on $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  const nodes: DeliveryNode[] = [];
  beforeAll(async () => {
    test = await kind.open();
  });
  afterAll(() => test?.remove());
  beforeEach(async () => {
    scope = await test.newScope();
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.stop();
  });

  const start = async (subscribers: DurableSubscriber[], options: Partial<NodeOptions> = {}) => {
    const node = await startDelivery(test.database, { scopes: [scope], subscribers, ...options });
    nodes.push(node);
    return node;
  };
  const everything = async (node: DeliveryNode) => (await node.deadLetters.list(scope, { limit: 500 })).items;

  it('delivers new events while thousands of replays wait for their time', async () => {
    const got: string[] = [];
    const subscriber = {
      name: 'busy',
      handle: async (event: EventEnvelope) => {
        got.push(nameOf(event));
      },
    };
    const node = await start([subscriber]);
    await addDeadLetters(test.database, scope, 'busy', 2500);
    // One every 1,000 s: they wait for weeks.
    await node.replays.replayMany(scope, { select: { by: 'filter', filter: {} }, per_second: 0.001 });
    const names = Array.from({ length: 1200 }, (_, index) => `new${index}`);
    await publish(test.database, scope, names);
    await until('all new ones came', () => got.filter((name) => name.startsWith('new')).length === 1200);
  });

  it('delivers to other organisations while the events of one cannot be moved, and loses none of its own', async () => {
    const other = await test.newScope();
    const got: EventEnvelope[] = [];
    const subscriber = {
      name: 'everybody',
      handle: async (event: EventEnvelope) => {
        got.push(event);
      },
    };
    // What cannot be moved is not tried again while this test runs.
    const node = await start([subscriber], { scopes: [scope, other], tuning: { away: [3_600_000, 3_600_000] } });
    await publish(test.database, scope, ['first']);
    await until('the first came', () => got.length === 1);
    await test.database.statement(
      `CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stuck'; END $$`,
    );
    await test.database.statement(
      `CREATE TRIGGER stuck BEFORE UPDATE ON archon_event_subscribers FOR EACH ROW
       WHEN (NEW.org_id = '${scope.org_id}') EXECUTE FUNCTION stuck()`,
    );
    const names = Array.from({ length: 1200 }, (_, index) => `s${index}`);
    try {
      await publish(test.database, scope, ['held']);
      await publish(test.database, other, names);
      await until('those of the other came', () => got.filter(({ org_id }) => org_id === other.org_id).length === 1200);
      expect(got.filter(({ org_id }) => org_id === scope.org_id).map(nameOf)).toEqual(['first']);
    } finally {
      await test.database.statement('DROP FUNCTION stuck CASCADE');
    }
    await node.stop();
    await start([subscriber], { scopes: [scope, other] });
    await until('the held one came', () => got.length === 1202);
    expect(got.filter(({ org_id }) => org_id === scope.org_id).map(nameOf)).toEqual(['first', 'held']);
    expect(new Set(got.filter(({ org_id }) => org_id === other.org_id).map(nameOf))).toEqual(new Set(names));
  });

  it('counts no attempt while a subscriber tries nothing, and keeps the order', async () => {
    let looks = 0;
    const got: { name: string; attempt: number }[] = [];
    const subscriber: DurableSubscriber = {
      name: 'waiting',
      concurrency: 1,
      batch: 7,
      retry: { ...AT_ONCE, attempts: 1 },
      handle: async (event, { attempt }) => {
        looks += 1;
        if (looks % 3 !== 0) throw new NotTriedError('the receiver is away', 1);
        got.push({ name: nameOf(event), attempt });
      },
    };
    const node = await start([subscriber]);
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    await publish(test.database, scope, names);
    await until('all came', () => got.length === names.length);
    expect(got).toEqual(names.map((name) => ({ name, attempt: 1 })));
    expect(await everything(node)).toEqual([]);
    expect((await node.events.list(scope))[0]).toMatchObject({ failed_attempts: 0 });
  });

  it('gives up the replay of an event under which processes die', async () => {
    const gate = Promise.withResolvers<void>();
    const subscriber = { name: 'killed', handle: () => gate.promise };
    const node = await start([subscriber]);
    await addDeadLetters(test.database, scope, 'killed', 1);
    const [letter] = await everything(node);
    await node.replays.replay(scope, { id: letter?.id ?? '' });
    await until('it is with the handler', async () => (await node.events.list(scope))[0]?.running === 1);
    await node.stop();
    nodes.length = 0;
    // As after so many crashes: each claim after one counts up.
    await test.database.statement(`UPDATE archon_pgboss.job SET retry_count = 40 WHERE name = $1`, [
      queueOf(scope.org_id, 'killed'),
    ]);
    const handled: string[] = [];
    const next = await start([
      { name: 'killed', handle: async (event: EventEnvelope) => void handled.push(nameOf(event)) },
    ]);
    await until('it is dead again', async () => (await everything(next))[0]?.life.state === 'dead');
    expect((await everything(next))[0]).toMatchObject({ error_name: 'ProcessEnded' });
    expect(handled).toEqual([]);
    expect((await next.replayLog.list(scope, { limit: 5 })).items[0]?.outcome.state).toBe('failed');
  });

  it('tries as often as the policy says, not fewer times for the attempts that are no longer kept', async () => {
    let tries = 0;
    const subscriber = {
      name: 'stubborn',
      retry: { ...AT_ONCE, attempts: 90 },
      handle: async () => {
        tries += 1;
        throw new Error('no');
      },
    };
    const node = await start([subscriber]);
    await publish(test.database, scope, ['x']);
    await until('it is a dead letter', async () => (await everything(node)).length === 1);
    expect((await everything(node))[0]).toMatchObject({ error_message: 'no', attempt_count: 90 });
    expect(tries).toBe(90);
  });

  it('gives back only claims that are still its own', async () => {
    const queue = new JobQueue({ database: test.database, logger: silentLogger, shared: true });
    await queue.start();
    const name = queueOf(scope.org_id, 'lost-claim');
    await queue.ensure(name);
    const event = { id: '1', org_id: scope.org_id, type: 't', user_id: null, actor: 'x', payload: {}, created_at: '' };
    await test.database.withScope(scope, (tx) =>
      queue.put(tx, name, [{ place: Number(event.id), data: { kind: 'event', event, attempts: [] } }]),
    );
    const claimed = await queue.claim(name, 10);
    // The node was silent for too long: another one has it now.
    await test.database.statement(`UPDATE archon_pgboss.job SET state = 'retry', heartbeat_on = NULL WHERE name = $1`, [
      name,
    ]);
    const taken = await queue.claim(name, 10);
    expect(taken.map(({ id }) => id)).toEqual(claimed.map(({ id }) => id));
    await queue.release(name, claimed);
    expect(await queue.claim(name, 10)).toEqual([]);
    await queue.release(name, taken);
    expect(await queue.claim(name, 10)).toHaveLength(1);
    await queue.stop();
  });

  it('does not bring a webhook back that was removed while a node was looking for subscribers', async () => {
    const node = await start([]);
    const webhook = await node.webhooks.create(scope, { name: 'gone', url: 'https://example.com/', enabled: true });
    await node.events.refresh();
    const found = await node.webhooks.list(scope);
    await node.webhooks.remove(scope, webhook.id);
    const looked = Promise.withResolvers<void>();
    let once = true;
    const late = await start([], { shared: true });
    late.events.addSource({
      // What was read just before the webhook was removed.
      list: async () => {
        looked.resolve();
        const stale = once ? found : [];
        once = false;
        return stale;
      },
    });
    await late.events.refresh();
    await looked.promise;
    await late.events.refresh();
    expect(await late.events.list(scope)).toEqual([]);
  });

  it('retries letters by itself though their replay was taken back', async () => {
    let now_ms = Date.now();
    const subscriber = {
      name: 'auto',
      retry: { ...AT_ONCE, attempts: 1 },
      handle: async () => {
        throw new Error('no');
      },
    };
    const config = { 'events.dead_letter_retry_hours': 2, 'events.dead_letter_retries': 2 };
    const node = await start([subscriber], { clock: { now: () => now_ms }, config });
    await publish(test.database, scope, ['a', 'b']);
    await until('both are dead letters', async () => (await everything(node)).length === 2);
    now_ms += 1000;
    const run = await node.replays.replayMany(scope, { select: { by: 'filter', filter: {} }, per_second: 0.001 });
    await until('the first is over', async () => (await node.replayLog.run(scope, run.id)).waiting === 1);
    await node.replays.cancel(scope, run.id);
    expect((await everything(node)).map(({ life }) => life)).toEqual([
      { state: 'dead', retry_at: expect.any(String) },
      { state: 'dead', retry_at: expect.any(String) },
    ]);
  });

  it('says of every replay whether what it sent was edited', async () => {
    const got: string[] = [];
    const subscriber = {
      name: 'strict',
      handle: async (event: EventEnvelope) => {
        got.push(nameOf(event));
        throw new Error('no');
      },
    };
    const node = await start([subscriber]);
    await addDeadLetters(test.database, scope, 'strict', 1);
    const [letter] = await everything(node);
    const again = async (payload?: { session_id: string }) => {
      await node.replays.replay(scope, { id: letter?.id ?? '', ...(payload ? { payload } : {}) });
      await until('it is over', async () => (await node.deadLetters.stats(scope)).replaying === 0);
    };
    await again();
    await again({ session_id: 'edited' });
    await again();
    expect(got).toEqual(['s1', 'edited', 'edited']);
    const { items } = await node.replayLog.list(scope, { limit: 5 });
    expect(items.map(({ edited }) => edited)).toEqual([true, true, false]);
  });
});
