/** Durable delivery on every database: every event to every subscriber, effects once, failures kept. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../src-contract/index.ts';
import type { DeliveryContext, DurableSubscriber } from '../../../src-main/events/delivery/durable-subscriber.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import {
  AT_ONCE,
  type DeliveryNode,
  type NodeOptions,
  nameOf,
  publish,
  startDelivery,
  until,
} from '../../support/delivery-nodes.ts';
import { LONG } from '../../support/long.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const names = (count: number, prefix = 's') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);

/** A subscriber that keeps what it gets, and does with it what the test says. */
function recorder(
  name: string,
  options: Partial<DurableSubscriber> = {},
  act: (event: EventEnvelope, context: DeliveryContext) => unknown = () => {},
): DurableSubscriber & { got: EventEnvelope[] } {
  const got: EventEnvelope[] = [];
  return {
    name,
    retry: AT_ONCE,
    ...options,
    got,
    handle: async (event, context) => {
      got.push(event);
      await act(event, context);
    },
  };
}

describe.each(databaseKinds.filter(({ available }) => available))('durable delivery on $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  const nodes: DeliveryNode[] = [];
  beforeAll(async () => {
    test = await kind.open();
    await test.database.statement('CREATE TABLE effects (org_id uuid, name text, at timestamptz DEFAULT now())');
    await test.database.statement('GRANT SELECT, INSERT ON effects TO archon_app');
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
  const deadLetters = async (node: DeliveryNode) => (await node.deadLetters.list(scope, { limit: 500 })).items;
  const idle = async (node: DeliveryNode) =>
    (await node.events.list(scope)).every(
      ({ waiting, delayed, running, behind }) => waiting + delayed + running + behind === 0,
    );

  it('opens no queue while nobody subscribes', async () => {
    const node = await start([]);
    await publish(test.database, scope, ['unheard']);
    await node.events.refresh();
    expect(await node.events.queue.isStarted()).toBe(false);
    expect(await node.events.list(scope)).toEqual([]);
  });

  it('tells of subscribers while the queues are opened for the first time', async () => {
    const node = await start([]);
    const opening = node.events.queue.start();
    expect(await node.events.list(scope)).toEqual([]);
    await opening;
  });

  it('gives every event after its beginning to a new subscriber, in order where it takes one at a time', async () => {
    await publish(test.database, scope, names(30, 'before'));
    const now = recorder('from-now', { concurrency: 1 });
    const all = recorder('from-start', { concurrency: 1, from: 'start' });
    const node = await start([now, all]);
    await publish(test.database, scope, names(700, 'after'));
    await until('all events came', () => now.got.length >= 700 && all.got.length >= 730);
    await until('nothing waits', () => idle(node));
    expect(now.got.map(nameOf)).toEqual(names(700, 'after'));
    expect(all.got.map(nameOf)).toEqual([...names(30, 'before'), ...names(700, 'after')]);
    expect(now.got[0]).toMatchObject({ org_id: scope.org_id, type: 'memory.session.created', user_id: 'ana' });
  });

  it('keeps to types and a user', async () => {
    const deleted = recorder('deleted', { types: ['memory.session.deleted'] });
    const ben = recorder('ben', { user_id: 'ben' });
    await start([deleted, ben]);
    await publish(test.database, scope, ['a']);
    await publish(test.database, scope, ['b'], { type: 'memory.session.deleted' });
    await publish(test.database, scope, ['c'], { user_id: 'ben' });
    await until('both have theirs', () => deleted.got.length >= 1 && ben.got.length >= 1);
    expect([deleted.got.map(nameOf), ben.got.map(nameOf)]).toEqual([['b'], ['c']]);
  });

  it('goes on where it was after a stop, and gives to nobody what belongs to another organisation', async () => {
    const other = await test.newScope();
    const first = recorder('same');
    const node = await start([first]);
    await publish(test.database, scope, ['one']);
    await until('the first came', () => first.got.length === 1);
    await node.stop();
    nodes.length = 0;
    await publish(test.database, scope, ['while away']);
    await publish(test.database, other, ['theirs']);
    const second = recorder('same');
    await start([second]);
    await until('the second came', () => second.got.length === 1);
    expect(second.got.map(nameOf)).toEqual(['while away']);
  });

  it('gives an organisation that is made later its events from the first one on', async () => {
    const scopes: Scope[] = [];
    const subscriber = recorder('everybody');
    await start([subscriber], { scopes });
    const late = await test.newScope();
    scopes.push(late);
    await publish(test.database, late, ['its first']);
    await until('it came', () => subscriber.got.length === 1);
    expect(subscriber.got[0]?.org_id).toBe(late.org_id);
  });

  // Every night on the embedded database too: one backend takes three times as long there.
  const many = kind.name === 'PostgreSQL' || LONG ? 10_000 : 2_000;
  it(`has every effect once: ${many} events, of which one in twenty fails at random, before or after its effect`, async () => {
    let seed = 42;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    let failures = 0;
    const fail = () => {
      if (random() > 0.025) return;
      failures += 1;
      throw new Error('by chance');
    };
    const subscriber = recorder(
      'effects',
      { concurrency: 8, batch: 100, retry: { ...AT_ONCE, attempts: 50 } },
      async (event, context) => {
        fail();
        await context.once(async (tx) => {
          await tx.sql('INSERT INTO effects (org_id, name) VALUES ($1, $2)', [scope.org_id, nameOf(event)]);
        });
        fail();
      },
    );
    const node = await start([subscriber]);
    await publish(test.database, scope, names(many));
    await until('all were handled', async () => subscriber.got.length >= many && (await idle(node)));
    const [counted] = await test.database.statement<{ rows: number; names: number }>(
      'SELECT count(*) AS rows, count(DISTINCT name) AS names FROM effects WHERE org_id = $1',
      [scope.org_id],
    );
    expect(counted).toEqual({ rows: many, names: many });
    expect(failures).toBeGreaterThan(many * 0.03);
    expect(subscriber.got.length).toBe(many + failures);
    expect(await deadLetters(node)).toEqual([]);
  });

  it('keeps a poisoned event and gives everybody the others; edited and replayed, it is resolved', async () => {
    const subscriber = recorder('picky', { retry: { ...AT_ONCE, attempts: 3 } }, (event) => {
      if (nameOf(event).startsWith('poison')) throw new TypeError(`cannot take ${nameOf(event)}`);
    });
    const node = await start([subscriber, recorder('easy')]);
    await publish(test.database, scope, ['a', 'poison', 'b']);
    await until('it is a dead letter', async () => (await deadLetters(node)).length === 1);
    await until('the others came', async () => await idle(node));
    const [letter] = await deadLetters(node);
    expect(letter).toMatchObject({
      subscriber: 'picky',
      event_type: 'memory.session.created',
      error_name: 'TypeError',
      error_message: 'cannot take poison',
      attempt_count: 3,
      edited: false,
      life: { state: 'dead', retry_at: null },
    });
    const whole = await node.deadLetters.get(scope, letter?.id ?? '');
    expect(whole.error.stack).toContain('cannot take poison');
    expect(whole.attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(
      subscriber.got
        .map(nameOf)
        .filter((name) => name !== 'poison')
        .sort(),
    ).toEqual(['a', 'b']);

    await node.replays.replay(scope, { id: whole.id });
    await until(
      'it failed again',
      async () => (await node.deadLetters.get(scope, whole.id)).replays[0]?.outcome.state === 'failed',
    );
    expect(await node.deadLetters.get(scope, whole.id)).toMatchObject({ life: { state: 'dead' }, attempt_count: 4 });

    await node.replays.replay(scope, { id: whole.id, payload: { session_id: 'mended' } });
    await until('it is resolved', async () => (await node.deadLetters.get(scope, whole.id)).life.state === 'resolved');
    const resolved = await node.deadLetters.get(scope, whole.id);
    expect(resolved).toMatchObject({
      event: { payload: { session_id: 'poison' } },
      edited_payload: { session_id: 'mended' },
      life: { state: 'resolved', by: 'test' },
    });
    expect(resolved.replays.map(({ actor, edited, outcome }) => [actor, edited, outcome.state])).toEqual([
      ['test', true, 'resolved'],
      ['test', false, 'failed'],
    ]);
    expect(nameOf(subscriber.got.at(-1) as EventEnvelope)).toBe('mended');
    await expect(node.replays.replay(scope, { id: whole.id })).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('makes as many attempts as it is told to, also more than are kept', async () => {
    const poisoned = recorder('poisoned', { retry: { ...AT_ONCE, attempts: 90 } }, () => {
      throw new Error('never');
    });
    const node = await start([poisoned]);
    await publish(test.database, scope, ['poison']);
    await until('it is a dead letter', async () => (await deadLetters(node)).length === 1);
    expect(poisoned.got).toHaveLength(90);
    expect(await deadLetters(node)).toMatchObject([{ attempt_count: 90, error_name: 'Error' }]);
  });

  it('waits longer before each attempt, as told', async () => {
    const subscriber = recorder(
      'slowly',
      { retry: { first_seconds: 1000, factor: 6, max_seconds: 7000, attempts: 4 } },
      () => {
        throw new Error('no');
      },
    );
    const node = await start([subscriber]);
    await publish(test.database, scope, ['x']);
    const waits: number[] = [];
    for (let failed = 1; failed < 4; failed += 1) {
      await until(
        'it waits',
        async () => subscriber.got.length === failed && (await node.events.list(scope))[0]?.delayed === 1,
      );
      const ofScope = `name = 'slowly/${scope.org_id}'`;
      const [job] = await test.database.statement<{ seconds: number }>(
        `SELECT extract(epoch FROM start_after - now())::float8 AS seconds FROM archon_pgboss.job WHERE ${ofScope}`,
      );
      waits.push(Math.ceil((job?.seconds ?? 0) / 1000));
      await test.database.statement(`UPDATE archon_pgboss.job SET start_after = now() WHERE ${ofScope}`);
      node.events.wake(scope, 'slowly');
    }
    await until('it is dead', async () => (await deadLetters(node)).length === 1);
    expect(waits).toEqual([1, 6, 7]);
  });

  it('ends a handler that takes too long, gives up one that does not listen, and keeps whatever is thrown', async () => {
    const once = { retry: { ...AT_ONCE, attempts: 1 } };
    const hanging = recorder('hanging', { ...once, timeout_ms: 50 }, () => new Promise(() => {}));
    const listening = recorder('listening', { ...once, timeout_ms: 50 }, async (_event, { signal }) => {
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    const thrown: unknown[] = ['text', null, { code: 7 }, undefined];
    const odd = recorder('odd', once, (event) => {
      throw thrown[Number(nameOf(event))];
    });
    const node = await start([hanging, listening, odd]);
    await publish(test.database, scope, ['0', '1', '2', '3']);
    await until('all are dead letters', async () => (await deadLetters(node)).length === 12);
    const letters = await deadLetters(node);
    const of = (name: string) => letters.filter(({ subscriber }) => subscriber === name);
    expect(new Set(of('hanging').map(({ error_name }) => error_name))).toEqual(new Set(['TimeoutError']));
    expect(new Set(of('listening').map(({ error_name }) => error_name))).toEqual(new Set(['TimeoutError']));
    expect(new Set(of('odd').map(({ error_message }) => error_message))).toEqual(
      new Set(['text', 'null', '{"code":7}', 'undefined']),
    );
    const figures = await node.events.list(scope);
    const given_up = Object.fromEntries(figures.map(({ name, given_up }) => [name, given_up]));
    expect(given_up).toEqual({ hanging: 4, listening: 0, odd: 0 });
  });

  it('lets no effect count of a handler whose time was over', async () => {
    const late = Promise.withResolvers<unknown>();
    const subscriber = recorder(
      'late',
      { timeout_ms: 50, retry: { ...AT_ONCE, attempts: 1 } },
      async (_event, context) => {
        await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
        late.resolve(await context.once(async () => {}).catch((error: unknown) => error));
      },
    );
    await start([subscriber]);
    await publish(test.database, scope, ['x']);
    expect(await late.promise).toBeInstanceOf(DOMException);
  });

  it('carries a payload of a megabyte, to the handler and to the dead letters', async () => {
    const big = 'ü'.repeat(500_000);
    const subscriber = recorder('big', { retry: { ...AT_ONCE, attempts: 1 } }, () => {
      throw new Error('too big for me');
    });
    const node = await start([subscriber]);
    await publish(test.database, scope, [big]);
    await until('it is a dead letter', async () => (await deadLetters(node)).length === 1);
    const [letter] = await deadLetters(node);
    expect((await node.deadLetters.get(scope, letter?.id ?? '')).event.payload.session_id).toBe(big);
    expect(nameOf(subscriber.got[0] as EventEnvelope)).toBe(big);
  });

  it('moves a backlog in pieces and holds the rest back in the log', async () => {
    const gate = Promise.withResolvers<void>();
    const subscriber = recorder('slow', { from: 'start', concurrency: 20 }, () => gate.promise);
    await publish(test.database, scope, names(6000));
    const node = await start([subscriber]);
    await until('the queue is full', async () => ((await node.events.list(scope))[0]?.waiting ?? 0) >= 2000);
    await node.events.refresh();
    const [held] = await node.events.list(scope);
    expect(held?.behind).toBeGreaterThan(2000);
    gate.resolve();
    await until('all came', () => subscriber.got.length === 6000);
    expect(new Set(subscriber.got.map(nameOf)).size).toBe(6000);
  });

  it('replays all that match at a rate, tells how far it is, and takes back what has not begun', async () => {
    let mended = false;
    const subscriber = recorder('many', { retry: { ...AT_ONCE, attempts: 1 } }, () => {
      if (!mended) throw new Error('not yet');
    });
    const node = await start([subscriber]);
    await publish(test.database, scope, names(40));
    await until('all are dead letters', async () => (await deadLetters(node)).length === 40);
    mended = true;
    // One every 1,000 s: the first is due now, the others are not.
    const slow = await node.replays.replayMany(scope, {
      select: { by: 'filter', filter: { subscriber: 'many', error_text: 'NOT YET' } },
      per_second: 0.001,
    });
    expect(slow).toMatchObject({ total: 40, not_taken: 0, actor: 'test' });
    await until('the first is resolved', async () => (await node.replayLog.run(scope, slow.id)).resolved === 1);
    expect(await node.replays.cancel(scope, slow.id)).toMatchObject({ waiting: 0, resolved: 1, cancelled: 39 });
    const dead = (await deadLetters(node)).filter(({ life }) => life.state === 'dead');
    expect(dead).toHaveLength(39);
    const fast = await node.replays.replayMany(scope, {
      select: { by: 'ids', ids: dead.slice(0, 20).map(({ id }) => id) },
      per_second: 1000,
    });
    await until('they are resolved', async () => (await node.replayLog.run(scope, fast.id)).resolved === 20);
    expect(await node.deadLetters.stats(scope)).toMatchObject({ dead: 19, resolved: 21, replaying: 0 });
  });

  it('discards with a reason, exports, pages and filters', async () => {
    const subscriber = recorder('strict', { retry: { ...AT_ONCE, attempts: 1 } }, (event) => {
      throw new Error(`no ${nameOf(event)}`);
    });
    const node = await start([subscriber]);
    await publish(test.database, scope, names(7));
    await publish(test.database, scope, ['gone'], { type: 'memory.session.deleted' });
    await until('all are dead letters', async () => (await deadLetters(node)).length === 8);
    const first = await node.deadLetters.list(scope, { limit: 5 });
    const second = await node.deadLetters.list(scope, { limit: 5, cursor: first.next_cursor ?? '' });
    expect(second.next_cursor).toBeNull();
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(8);
    const matching = await node.deadLetters.list(scope, { limit: 5, types: ['memory.session.deleted'] });
    expect(matching.items.map(({ error_message }) => error_message)).toEqual(['no gone']);
    expect((await node.deadLetters.list(scope, { limit: 5, error_text: 'NO S3' })).items).toHaveLength(1);
    expect((await node.deadLetters.list(scope, { limit: 5, older_than_seconds: 3600 })).items).toEqual([]);
    expect((await node.deadLetters.list(scope, { limit: 50, younger_than_seconds: 3600 })).items).toHaveLength(8);
    const select = { by: 'filter', filter: { types: ['memory.session.deleted'] } } as const;
    expect(
      await node.deadLetters.discard(scope, {
        select: { ...select, filter: { types: [...select.filter.types] } },
        reason: 'of no use',
      }),
    ).toEqual({ discarded: 1, not_taken: 0 });
    const [discarded] = (await node.deadLetters.list(scope, { limit: 5, states: ['discarded'] })).items;
    expect(discarded?.life).toMatchObject({ state: 'discarded', by: 'test', reason: 'of no use' });
    await expect(node.replays.replay(scope, { id: discarded?.id ?? '' })).rejects.toMatchObject({ code: 'CONFLICT' });
    const lines = (await (await node.deadLetters.export(scope, { states: ['dead'] })).text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).event.payload.session_id).sort()).toEqual(names(7));
    expect((await node.deadLetters.stats(scope)).subscribers).toEqual([
      { subscriber: 'strict', dead: 7, oldest_dead_at: expect.any(String) },
    ]);
  });

  it('tells of dead letters to whoever asks for that by name, and begins no chain of them', async () => {
    const picky = recorder('picky', { retry: { ...AT_ONCE, attempts: 1 } }, (event) => {
      if (nameOf(event) === 'poison' && !event.payload.mended) throw new TypeError('not with me');
    });
    const watcher = recorder('watcher', { types: ['event.delivery.dead', 'event.delivery.resolved'] });
    const clumsy = recorder('clumsy', { types: ['event.delivery.dead'], retry: { ...AT_ONCE, attempts: 1 } }, () => {
      throw new Error('fails at the news');
    });
    const node = await start([picky, watcher, clumsy]);
    await publish(test.database, scope, ['fine', 'poison', 'poison']);
    await until('the news is out, and failed at', async () => (await deadLetters(node)).length === 4);
    await until('nothing waits', () => idle(node));
    const told = watcher.got.map(({ payload }) => payload);
    expect(told).toHaveLength(2);
    const letters = (await deadLetters(node)).filter(({ subscriber }) => subscriber === 'picky');
    expect(told).toEqual(
      expect.arrayContaining(
        letters.map(({ id, event_id }) => ({
          delivery_id: id,
          subscriber: 'picky',
          event_id,
          event_type: 'memory.session.created',
          attempts: 1,
          error_name: 'TypeError',
        })),
      ),
    );
    // Nobody who takes everything is told of it.
    expect(picky.got.map(nameOf)).toEqual(['fine', 'poison', 'poison']);
    const [mended, discarded] = letters.map(({ id }) => id);
    await node.replays.replay(scope, { id: mended ?? '', payload: { session_id: 'poison', mended: true } });
    await node.deadLetters.discard(scope, { select: { by: 'ids', ids: [discarded ?? ''] }, reason: 'of no use' });
    await until('both ends are told of', () => watcher.got.length === 4);
    expect(
      watcher.got.slice(2).map(({ type, payload }) => [type, payload.delivery_id, payload.resolution, payload.reason]),
    ).toEqual(
      expect.arrayContaining([
        ['event.delivery.resolved', mended, 'replayed', null],
        ['event.delivery.resolved', discarded, 'discarded', 'of no use'],
      ]),
    );
  });

  it('retries dead letters by itself when told to, so many times, and removes what is over after its retention', async () => {
    let now_ms = Date.now();
    const clock = { now: () => now_ms };
    const subscriber = recorder('auto', { retry: { ...AT_ONCE, attempts: 1 } }, (event) => {
      if (nameOf(event) === 'never') throw new Error('never');
    });
    const node = await start([subscriber], {
      clock,
      config: {
        'events.dead_letter_retry_hours': 2,
        'events.dead_letter_retries': 2,
        'events.dead_letter_retention_days': 30,
      },
    });
    await publish(test.database, scope, ['never']);
    const state = async () => (await deadLetters(node))[0];
    for (const count of [1, 2, 3]) {
      await until(
        'it is dead',
        async () => (await state())?.attempt_count === count && (await state())?.life.state === 'dead',
      );
      expect(await node.replays.retryDue(scope, 100)).toBe(0);
      now_ms += 2 * 3_600_000 + 1;
      expect(await node.replays.retryDue(scope, 100)).toBe(count < 3 ? 1 : 0);
    }
    const letter = await node.deadLetters.get(scope, (await state())?.id ?? '');
    expect(letter.replays.map(({ actor }) => actor)).toEqual(['event retry', 'event retry']);
    await node.deadLetters.discard(scope, { select: { by: 'ids', ids: [letter.id] }, reason: 'enough' });
    now_ms += 29 * 86_400_000;
    expect(await node.deadLetters.removeOld(scope, 100)).toBe(0);
    now_ms += 2 * 86_400_000;
    expect(await node.deadLetters.removeOld(scope, 100)).toBe(1);
    await expect(node.deadLetters.get(scope, letter.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('forgets what was done once only when nothing can ask for it any more', async () => {
    let now_ms = Date.now();
    const subscriber = recorder('notes', { retry: { ...AT_ONCE, attempts: 1 } }, async (event, context) => {
      await context.once(async () => {});
      if (nameOf(event) === 'bad') throw new Error('after its effect');
    });
    const node = await start([subscriber], { clock: { now: () => now_ms } });
    await publish(test.database, scope, ['good', 'bad']);
    await until('both were handled', async () => (await deadLetters(node)).length === 1 && (await idle(node)));
    now_ms += 40 * 86_400_000;
    expect(await node.deadLetters.removeOld(scope, 100)).toBe(1);
    const left = await test.database.withScope(scope, (tx) => tx.sql('SELECT event_id FROM archon_event_effects'));
    expect(left).toEqual([{ event_id: Number((await deadLetters(node))[0]?.event_id) }]);
  });

  it('shares the work of one subscriber among nodes, each event to one of them', async () => {
    const [a, b] = [recorder('shared', { batch: 10 }), recorder('shared', { batch: 10 })];
    const tick = () => new Promise((resolve) => setImmediate(resolve));
    for (const one of [a, b]) {
      const { handle } = one;
      Object.assign(one, {
        handle: async (event: EventEnvelope, context: DeliveryContext) => {
          await tick();
          await handle(event, context);
        },
      });
    }
    const first = await start([a], { shared: true });
    await start([b], { shared: true });
    await publish(test.database, scope, names(2000));
    await until('all came', async () => a.got.length + b.got.length >= 2000 && (await idle(first)));
    expect([...a.got, ...b.got].map(nameOf).sort()).toEqual(names(2000).sort());
  });
});
