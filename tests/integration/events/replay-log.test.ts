/** Replays that can be found again: after a reload, by another person, for one letter or one replay of many. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeadLetterSummary } from '../../../src-contract/index.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { type DeliveryNode, publish, startDelivery, until } from '../../support/delivery-nodes.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

describe.each(databaseKinds.filter(({ available }) => available))('the log of replays on $name', (kind) => {
  let test: TestDatabase;
  let scope: Scope;
  let node: DeliveryNode;
  let letters: DeadLetterSummary[];
  /** Sessions whose events the subscriber takes by now. */
  const mended = new Set<string>();
  beforeAll(async () => {
    test = await kind.open();
  });
  afterAll(() => test?.remove());
  beforeEach(async () => {
    mended.clear();
    scope = await test.newScope();
    const retry = { first_seconds: 0, factor: 1, max_seconds: 0, attempts: 1 };
    const subscriber = {
      name: 'strict',
      retry,
      handle: async (event: { payload: Record<string, unknown> }) => {
        if (!mended.has(String(event.payload.session_id))) throw new Error(`no ${event.payload.session_id}`);
      },
    };
    node = await startDelivery(test.database, { scopes: [scope], subscribers: [subscriber] });
    await publish(test.database, scope, ['a', 'b', 'c', 'd', 'e']);
    await until('all are dead letters', async () => (await node.deadLetters.count(scope, {})) === 5);
    const { items } = await node.deadLetters.list(scope, { limit: 5 });
    letters = items.sort((one, other) => one.error_message.localeCompare(other.error_message));
  });
  afterEach(() => node?.stop());

  const replay = async (letter: DeadLetterSummary | undefined, actor: string) => {
    await node.replays.replay({ ...scope, actor }, { id: letter?.id ?? '' });
    await until('it is over', async () => (await node.deadLetters.stats(scope)).replaying === 0);
  };

  it('lists who replayed what, with what came of it, newest first, by letter and outcome', async () => {
    await replay(letters[0], 'ana');
    mended.add('a').add('b');
    await replay(letters[0], 'ben');
    await replay(letters[1], 'ana');
    const { items } = await node.replayLog.list(scope, { limit: 50 });
    expect(items.map(({ actor, dead_letter_id, outcome }) => [actor, dead_letter_id, outcome.state])).toEqual([
      ['ana', letters[1]?.id, 'resolved'],
      ['ben', letters[0]?.id, 'resolved'],
      ['ana', letters[0]?.id, 'failed'],
    ]);
    expect(items[0]).toMatchObject({
      subscriber: 'strict',
      event_type: 'memory.session.created',
      event_id: letters[1]?.event_id,
      run_id: null,
      edited: false,
    });
    const ofOne = await node.replayLog.list(scope, { limit: 50, dead_letter_id: letters[0]?.id });
    expect(ofOne.items.map(({ actor }) => actor)).toEqual(['ben', 'ana']);
    const failed = await node.replayLog.list(scope, { limit: 50, outcomes: ['failed'] });
    expect(failed.items.map(({ actor, outcome }) => [actor, outcome])).toEqual([
      ['ana', { state: 'failed', at: expect.any(String), error: { name: 'Error', message: 'no a' } }],
    ]);
  });

  it('pages through replays and replays of many without a gap, each organisation for itself', async () => {
    const runs: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      // One every 1,000 s: those after the first do not begin.
      const run = await node.replays.replayMany(scope, { select: { by: 'filter', filter: {} }, per_second: 0.001 });
      runs.unshift(run.id);
      await node.replays.cancel(scope, run.id);
      await until('the first is over', async () => (await node.deadLetters.stats(scope)).replaying === 0);
    }
    const first = await node.replayLog.runs(scope, { limit: 2 });
    const second = await node.replayLog.runs(scope, { limit: 2, cursor: first.next_cursor ?? '' });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(runs);
    expect(second.next_cursor).toBeNull();
    expect(first.items[0]).toEqual(await node.replayLog.run(scope, runs[0] ?? ''));
    expect(first.items[0]).toMatchObject({ total: 5, waiting: 0, per_second: 0.001, actor: 'test', not_taken: 0 });

    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await node.replayLog.list(scope, { limit: 4, cursor });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids).toHaveLength(15);
    const ofRun = await node.replayLog.list(scope, { limit: 50, run_id: runs[1] });
    expect(ofRun.items.map(({ run_id }) => run_id)).toEqual(Array(5).fill(runs[1]));

    const stranger = await test.newScope();
    expect(await node.replayLog.list(stranger, { limit: 50 })).toEqual({ items: [], next_cursor: null });
    expect(await node.replayLog.runs(stranger, { limit: 50 })).toEqual({ items: [], next_cursor: null });
    await expect(node.replayLog.runs(scope, { limit: 5, cursor: first.next_cursor?.slice(1) ?? '' })).rejects.toThrow(
      'cursor is not one of this list',
    );
  });

  it('counts what a filter meets', async () => {
    await node.deadLetters.discard(scope, {
      select: { by: 'ids', ids: [letters[0]?.id ?? ''] },
      reason: 'of no use',
    });
    expect(await node.deadLetters.count(scope, {})).toBe(5);
    expect(await node.deadLetters.count(scope, { states: ['dead'] })).toBe(4);
    expect(await node.deadLetters.count(scope, { error_text: 'NO B' })).toBe(1);
    expect(await node.deadLetters.count(await test.newScope(), {})).toBe(0);
  });
});
