/** More dead letters than one call takes, and those of a user who is erased. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../src-contract/index.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { addDeadLetters } from '../../support/dead-letter-rows.ts';
import { type DeliveryNode, startDelivery, until } from '../../support/delivery-nodes.ts';
import { type MemoryServices, memoryServices } from '../../support/memory-services.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const ALL = { by: 'filter', filter: {} } as const;

describe.each(databaseKinds.filter(({ available }) => available))('dead letters of $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  let node: DeliveryNode;
  let services: MemoryServices;
  beforeAll(async () => {
    test = await kind.open();
    services = memoryServices(test.database);
  });
  afterAll(async () => {
    await services?.close();
    await test?.remove();
  });
  beforeEach(async () => {
    scope = await test.newScope();
  });
  afterEach(() => node?.stop());

  const start = async (handle: (event: EventEnvelope) => Promise<void>) => {
    const subscriber = { name: 'many', types: ['memory.session.created'], handle };
    node = await startDelivery(test.database, { scopes: [scope], subscribers: [subscriber] });
  };

  it('are exported, replayed and discarded 10,000 at a time, and what was not taken is counted', async () => {
    await start(async () => {});
    await addDeadLetters(test.database, scope, 'many', 10_300);
    const lines = (await (await node.deadLetters.export(scope, {})).text()).trimEnd().split('\n');
    const numbers = lines.map((line) => JSON.parse(line).event_id);
    expect(numbers).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index + 1)));

    // The oldest first, one every 1,000 s.
    const run = await node.replays.replayMany(scope, { select: ALL, per_second: 0.001 });
    expect(run).toMatchObject({ total: 10_000, not_taken: 300 });
    await until('the first is over', async () => (await node.replayLog.run(scope, run.id)).resolved === 1);
    const [resolved] = (await node.deadLetters.list(scope, { limit: 5, states: ['resolved'] })).items;
    expect(resolved?.event_id).toBe('10300');
    expect(await node.replays.cancel(scope, run.id)).toMatchObject({ waiting: 0, resolved: 1, cancelled: 9999 });

    expect(await node.deadLetters.discard(scope, { select: ALL, reason: 'too many' })).toEqual({
      discarded: 10_000,
      not_taken: 299,
    });
    expect(await node.deadLetters.stats(scope)).toMatchObject({ dead: 299, discarded: 10_000, replaying: 0 });
  });

  it('keep nothing that was written about a user who is erased, and are delivered all the same', async () => {
    const got: unknown[] = [];
    let fail = true;
    await start(async (event) => {
      got.push(event.payload);
      if (fail) throw new Error(`ana said: ${event.payload.note ?? 'nothing'}`);
    });
    await addDeadLetters(test.database, scope, 'many', 1);
    await addDeadLetters(test.database, scope, 'other', 1, { user_id: 'ben' });
    const letters = (await node.deadLetters.list(scope, { limit: 5 })).items;
    const id = letters.find(({ user_id }) => user_id === 'ana')?.id ?? '';
    await node.replays.replay(scope, { id, payload: { note: 'the secret garden' } });
    await until('it has failed', async () => (await node.deadLetters.stats(scope)).replaying === 0);
    expect(JSON.stringify(await node.deadLetters.get(scope, id))).toContain('the secret garden');

    await services.memories.erase(scope, { user_id: 'ana', confirm: 'ana' });
    const erased = await node.deadLetters.get(scope, id);
    expect(JSON.stringify(erased)).not.toMatch(/the secret garden|ana said|shelf/);
    expect(erased).toMatchObject({ edited: false, edited_payload: null, life: { state: 'dead' } });
    expect(erased.attempts).toHaveLength(1);
    expect(JSON.stringify(await node.replayLog.list(scope, { limit: 5 }))).not.toContain('ana said');
    expect((await node.deadLetters.list(scope, { limit: 5, error_text: 'no room' })).items).toMatchObject([
      { user_id: 'ben' },
    ]);

    fail = false;
    await node.replays.replay(scope, { id });
    await until('it is resolved', async () => (await node.deadLetters.stats(scope)).resolved === 1);
    expect(got).toEqual([{ note: 'the secret garden' }, { session_id: 's1' }]);
  });
});
