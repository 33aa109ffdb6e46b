/** What becomes long-term memory by itself: what was worth it, once, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LongTermMemoryEntry, NewWorkingMemory } from '../../../src-contract/index.ts';
import { controlsBase } from '../../../src-main/engine-settings.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { MemoryControlSettings } from '../../../src-main/memory/memory-controls.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { consolidationWorker } from '../../../src-main/workers/consolidation/consolidation.ts';
import { HeuristicImportance, type ImportanceScorer } from '../../../src-main/workers/consolidation/importance.ts';
import { type MemoryServices, memoryServices, testSettings } from '../../support/memory-services.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';
import { runOnce, testNodes, until } from '../../support/worker-nodes.ts';

const USER = 'mira';

/** One that this node has heard nothing from. */
const memoryControlsOfAnotherNode = ({ database }: TestDatabase, { clock }: MemoryServices) =>
  new MemoryControlSettings({ database, clock });

describe.each(databaseKinds.filter(({ available }) => available))('consolidation on $name', (kind) => {
  let test: TestDatabase;
  let services: MemoryServices;
  let scope: Scope;
  beforeAll(async () => {
    test = await kind.open();
    services = memoryServices(test.database);
  });
  afterAll(async () => {
    await services?.close();
    await test?.remove();
  });

  const worker = (scorer: ImportanceScorer = new HeuristicImportance()) =>
    consolidationWorker({
      database: test.database,
      scorer,
      settings: () => testSettings,
      schedule: () => ({ kind: 'manual' }),
      min_score: () => 0.45,
    });
  const consolidate = async (scorer?: ImportanceScorer) => {
    const run = await runOnce(test, scope, worker(scorer), services.clock);
    expect(run).toMatchObject({ status: 'succeeded', error: null });
    return run;
  };
  const say = async (text: string, more: Partial<NewWorkingMemory> = {}) => {
    services.clock.advance({ minutes: 1 });
    return await services.working.create(scope, {
      user_id: USER,
      memory_type: 'conversation',
      content: { text },
      relevance_score: 0.5,
      ...more,
    });
  };
  const remembered = async (user_id = USER, include_superseded = false): Promise<LongTermMemoryEntry[]> => {
    const { items } = await services.longterm.list(scope, {
      user_id,
      include_superseded,
      include_deleted: false,
      sort: 'newest',
      limit: 500,
    });
    return items;
  };
  const textsOf = (memories: readonly LongTermMemoryEntry[]) => memories.map(({ content }) => content.text).sort();
  const eventsOf = (type: string) =>
    test.database.withScope(scope, (tx) =>
      tx.sql<{ actor: string; user_id: string; payload: Record<string, unknown> }>(
        'SELECT actor, user_id, payload FROM archon_events WHERE org_id = $1 AND type = $2 ORDER BY id',
        [scope.org_id, type],
      ),
    );

  it('keeps what was relevant or repeated, collapses what says the same, and leaves the rest', async () => {
    scope = await test.newScope();
    const high = await say('Mira prefers squash merges.', { relevance_score: 0.95, tags: ['git'], session_id: 's-1' });
    const repeated = [
      await say('The staging cluster runs in Frankfurt', { tags: ['infra'] }),
      await say('the staging cluster runs in Frankfurt.', { tags: ['eu'] }),
      await say('The staging cluster really runs in Frankfurt'),
    ];
    await say('Mira asked about the weather');
    await say('Mira asked about lunch', { relevance_score: 0.8 });
    await say('The staging cluster runs in Dublin');
    const run = await consolidate();
    expect(run).toMatchObject({ items: 7, changed: 2 });
    const memories = await remembered();
    expect(textsOf(memories)).toEqual(['Mira prefers squash merges.', 'The staging cluster really runs in Frankfurt']);
    const [cluster, merges] = memories.sort((a, b) => a.content.text.localeCompare(b.content.text)).reverse();
    expect(merges).toMatchObject({
      memory_type: 'preference',
      provenance: { source: 'consolidation', session_id: 's-1', working_ids: [high.id] },
      tags: ['git'],
      valid_from: high.created_at,
      pinned: false,
    });
    expect(cluster?.provenance.working_ids?.sort()).toEqual(repeated.map(({ id }) => id).sort());
    expect(cluster?.tags.sort()).toEqual(['eu', 'infra']);
    expect((await eventsOf('memory.longterm.created')).map(({ actor, user_id }) => [actor, user_id])).toEqual([
      ['consolidation', USER],
      ['consolidation', USER],
    ]);
  });

  it('changes nothing the second time, nor when the same is said again, nor after somebody deleted it', async () => {
    scope = await test.newScope();
    await say('Mira prefers squash merges', { relevance_score: 0.95 });
    await consolidate();
    const [first] = await remembered();
    const snapshot = JSON.stringify(await remembered(USER, true));
    expect(await consolidate()).toMatchObject({ items: 0, changed: 0 });
    await say('Mira really prefers squash merges', { relevance_score: 0.95 });
    expect(await consolidate()).toMatchObject({ items: 1, changed: 0 });
    expect(JSON.stringify(await remembered(USER, true))).toBe(snapshot);
    await services.longterm.delete(scope, { id: first?.id ?? '' });
    expect(await consolidate()).toMatchObject({ items: 0, changed: 0 });
    expect(await remembered()).toEqual([]);
  });

  it('lets a changed fact supersede the old one, which stays true in its time', async () => {
    scope = await test.newScope();
    await say('Mira lives in Ulm', { relevance_score: 0.95 });
    await consolidate();
    const [ulm] = await remembered();
    services.clock.advance({ days: 2 });
    const bonn = await say('Mira now lives in Bonn.', { relevance_score: 0.95 });
    expect(await consolidate()).toMatchObject({ changed: 1 });
    const [current] = await remembered();
    expect(textsOf(await remembered())).toEqual(['Mira now lives in Bonn.']);
    expect((await remembered(USER, true)).find(({ id }) => id === ulm?.id)).toMatchObject({
      valid_to: bonn.created_at,
      superseded_by: current?.id,
    });
    expect(await services.memories.history(scope, ulm?.id ?? '')).toMatchObject({
      revisions: [{ change: 'superseded' }],
    });
    expect((await eventsOf('memory.longterm.superseded'))[0]?.payload).toMatchObject({ memory_id: ulm?.id });
    // In one run as well, in the order in which it was said.
    await say('The deploy window is Tuesday 10:00', { relevance_score: 0.95 });
    await say('The deploy window has moved to Thursday 14:00', { relevance_score: 0.95 });
    expect(await consolidate()).toMatchObject({ changed: 2 });
    expect(textsOf(await remembered())).toEqual([
      'Mira now lives in Bonn.',
      'The deploy window has moved to Thursday 14:00',
    ]);
  });

  it('never touches a pinned fact, and what is older than what is known is not made current', async () => {
    scope = await test.newScope();
    const pinned = await services.longterm.create(scope, {
      user_id: USER,
      memory_type: 'fact',
      content: { text: 'Mira works at Acme' },
      pinned: true,
    });
    await say('Mira works at Initech', { relevance_score: 0.95 });
    await consolidate();
    expect(textsOf(await remembered())).toEqual(['Mira works at Acme', 'Mira works at Initech']);
    expect((await remembered()).find(({ id }) => id === pinned.id)?.valid_to).toBeNull();

    await say('Mira lives in Ulm', { relevance_score: 0.95 });
    const later = await services.longterm.create(scope, {
      user_id: USER,
      memory_type: 'fact',
      content: { text: 'Mira lives in Bonn' },
    });
    services.clock.advance({ minutes: 5 });
    await consolidate();
    expect((await remembered()).find(({ id }) => id === later.id)?.valid_to).toBeNull();
    expect(textsOf(await remembered())).not.toContain('Mira lives in Ulm');
  });

  it('counts what was given in contexts', async () => {
    scope = await test.newScope();
    await say('The billing ledger closes on the fifth', { relevance_score: 0.8 });
    expect(await consolidate()).toMatchObject({ changed: 0 });
    for (let time = 0; time < 8; time += 1) {
      await services.context.assemble(scope, {
        user_id: USER,
        query: 'billing ledger',
        layers: { session: true, working: true, longterm: true },
      });
    }
    await services.accesses.flush();
    expect(await consolidate()).toMatchObject({ changed: 1 });
  });

  it('keeps nothing where the configuration has memory off, whatever was set in the organisation', async () => {
    scope = await test.newScope();
    await say('I moved to Lisbon in May.', { relevance_score: 1 });
    await services.controls.set(scope, { controls: { enabled: true } });
    const off = { ...defaultConfig('/data'), 'memory.enabled': false };
    const locked = consolidationWorker({
      database: test.database,
      scorer: new HeuristicImportance(),
      settings: () => testSettings,
      schedule: () => ({ kind: 'manual' }),
      min_score: () => 0,
      controls: () => controlsBase(off, (key) => key === 'memory.enabled'),
    });
    await runOnce(test, scope, locked, services.clock);
    expect(await remembered()).toEqual([]);
    await services.controls.set(scope, { controls: { enabled: null } });
    await consolidate();
    expect(await remembered()).toHaveLength(1);
  });

  it('respects the memory controls, expiry and deletion', async () => {
    scope = await test.newScope();
    await say('Mira prefers squash merges', { relevance_score: 1 });
    await say('Tom prefers rebasing', { relevance_score: 1, user_id: 'tom' });
    const gone = await say('Ada prefers trunks', { relevance_score: 1, user_id: 'ada' });
    await services.working.delete(scope, { id: gone.id });
    await services.controls.set(scope, { user_id: USER, controls: { layers: { longterm: false } } });
    await consolidate();
    expect(await remembered()).toEqual([]);
    expect(textsOf(await remembered('tom'))).toEqual(['Tom prefers rebasing']);
    expect(await remembered('ada')).toEqual([]);
    await services.controls.set(scope, { user_id: USER, controls: { layers: { longterm: null } } });
    services.clock.advance({ days: 40 });
    await consolidate();
    expect(await remembered()).toEqual([]);
  });

  it('goes through many users, each once, and judges outside of every transaction', async () => {
    scope = await test.newScope();
    const users = Array.from({ length: 130 }, (_, at) => `user-${String(at).padStart(3, '0')}`);
    await services.working.createBatch(scope, {
      items: users.map((user_id) => ({
        user_id,
        memory_type: 'conversation' as const,
        content: { text: `${user_id} likes number ${user_id.slice(-3)}` },
        relevance_score: 1,
      })),
    });
    const asked: string[] = [];
    const scorer: ImportanceScorer = {
      score: async (_scope, requests) => {
        asked.push(...requests.map(({ user_id }) => user_id));
        // Inside a transaction this would be refused.
        await test.database.ping();
        return requests.map(() => ({ score: 0.9, memory_type: 'preference' }));
      },
    };
    expect(await consolidate(scorer)).toMatchObject({ items: 130, changed: 130 });
    expect(asked.sort()).toEqual(users);
  });

  it('looks at all of what a user said, however much it is', async () => {
    scope = await test.newScope();
    await say('Mira prefers squash merges', { relevance_score: 0.95 });
    services.clock.advance({ minutes: 1 });
    for (let batch = 0; batch < 3; batch += 1) {
      await services.working.createBatch(scope, {
        items: Array.from({ length: 400 }, (_, at) => ({
          user_id: USER,
          memory_type: 'action' as const,
          content: { text: `Opened file number ${batch * 400 + at}` },
          relevance_score: 0.1,
        })),
      });
    }
    expect(await consolidate()).toMatchObject({ items: 1201, changed: 1 });
    expect(textsOf(await remembered())).toEqual(['Mira prefers squash merges']);
  });

  it('goes on in the middle of what a user said', async () => {
    scope = await test.newScope();
    const texts = Array.from({ length: 700 }, (_, at) => `Mira owns item ${at}`);
    await services.working.createBatch(scope, {
      items: texts.slice(0, 350).map((text) => ({ user_id: USER, memory_type: 'action' as const, content: { text } })),
    });
    services.clock.advance({ minutes: 1 });
    await services.working.createBatch(scope, {
      items: texts.slice(350).map((text) => ({ user_id: USER, memory_type: 'action' as const, content: { text } })),
    });
    let asked = 0;
    const scorer: ImportanceScorer = {
      score: async (_scope, requests) => {
        asked += requests.length;
        if (asked === 700) throw new Error('the model is away');
        return requests.map(() => ({ score: 0, memory_type: 'fact' }));
      },
    };
    const nodes = testNodes(test, scope, [worker(scorer)], services.clock);
    try {
      const { workers, node_id } = nodes.add();
      await until(async () => (await workers.get(scope, 'consolidation')).nodes.includes(node_id), 'the node');
      await workers.runNow(scope, 'consolidation');
      await until(async () => (await workers.get(scope, 'consolidation')).state.state === 'backing_off', 'the failure');
      services.clock.advance({ minutes: 1 });
      nodes.poke();
      const all = await until(async () => {
        const { items } = await workers.runs(scope, { worker: 'consolidation', limit: 5 });
        return items.every(({ ended_at }) => ended_at) && items.reverse();
      }, 'the end');
      expect(all.map(({ status, items }) => [status, items])).toEqual([
        ['failed', 500],
        ['succeeded', 200],
      ]);
    } finally {
      await nodes.stop();
    }
  });

  it('makes nothing of a user who switches memory off, or is erased, while it is judged', async () => {
    scope = await test.newScope();
    await say('Mira prefers squash merges', { relevance_score: 1 });
    await say('Tom prefers rebasing', { relevance_score: 1, user_id: 'tom' });
    const meanwhile: ImportanceScorer = {
      score: async (_scope, requests) => {
        if (requests.some(({ user_id }) => user_id === USER)) {
          await services.controls.set(scope, { user_id: USER, controls: { enabled: false } });
        } else await services.memories.erase(scope, { user_id: 'tom', confirm: 'tom' });
        return requests.map(() => ({ score: 1, memory_type: 'preference' }));
      },
    };
    expect(await consolidate(meanwhile)).toMatchObject({ changed: 0 });
    expect(await remembered()).toEqual([]);
    expect(await remembered('tom')).toEqual([]);
    // Switched on again, it is what it was.
    await services.controls.set(scope, { user_id: USER, controls: { enabled: null } });
    expect(await consolidate()).toMatchObject({ changed: 1 });
  });

  it('shows nothing to a scorer of a user who switched memory off on another node a moment ago', async () => {
    scope = await test.newScope();
    await say('Mira prefers squash merges', { relevance_score: 1 });
    await services.controls.effective(scope, USER);
    await memoryControlsOfAnotherNode(test, services).set(scope, { user_id: USER, controls: { enabled: false } });
    const asked: string[] = [];
    const scorer: ImportanceScorer = {
      score: async (_scope, requests) => {
        asked.push(...requests.map(({ text }) => text));
        return requests.map(() => ({ score: 1, memory_type: 'preference' }));
      },
    };
    await consolidate(scorer);
    expect(asked).toEqual([]);
  });

  it('does not let a fact supersede itself when it is said in other words', async () => {
    scope = await test.newScope();
    await say('Mira lives in Ulm', { relevance_score: 0.95 });
    await consolidate();
    await say('Mira is based in Ulm', { relevance_score: 0.95 });
    expect(await consolidate()).toMatchObject({ items: 1, changed: 0 });
    expect(textsOf(await remembered(USER, true))).toEqual(['Mira lives in Ulm']);
  });

  it('lets what was said last hold, also when that had been said before', async () => {
    scope = await test.newScope();
    await say('My editor is really, without any doubt, Vim', { relevance_score: 0.95 });
    await say('My editor is Emacs', { relevance_score: 0.95 });
    await say('My editor is without any doubt Vim', { relevance_score: 0.95 });
    await consolidate();
    const current = textsOf(await remembered());
    expect(current).toHaveLength(1);
    expect(current[0]).toContain('Vim');
  });

  it('knows again what has no words of a language it can tell apart', async () => {
    scope = await test.newScope();
    for (const text of ['ミラはスカッシュマージが好きです', '🎉🎉🎉', 'to be or not to be']) {
      await say(text, { relevance_score: 0.95 });
      await consolidate();
      await say(text, { relevance_score: 0.95 });
      expect(await consolidate()).toMatchObject({ items: 1, changed: 0 });
    }
    expect(await remembered()).toHaveLength(3);
  });

  it('looks again at what was changed after it, whatever the clocks of the nodes say', async () => {
    scope = await test.newScope();
    const said = await say('Mira prefers squash merges', { relevance_score: 0.95 });
    // This node is a minute ahead of the one that the change is made on.
    services.clock.advance({ minutes: 1 });
    await consolidate();
    services.clock.advance({ ms: -30_000 });
    await services.working.update(scope, { id: said.id, content: { text: 'Mira prefers merge commits' } });
    expect(await consolidate()).toMatchObject({ items: 1, changed: 1 });
    // Nor at what was not changed, when this node is the one behind.
    scope = await test.newScope();
    await say('Mira prefers squash merges', { relevance_score: 0.95 });
    services.clock.advance({ ms: -30_000 });
    expect(await consolidate()).toMatchObject({ items: 1, changed: 1 });
    expect(await consolidate()).toMatchObject({ items: 0 });
  });
});
