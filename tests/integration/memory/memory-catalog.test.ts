import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MemoryServices, memoryServices } from '../../support/memory-services.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

describe.each(databaseKinds.filter(({ available }) => available))('memories of both layers on $name', (kind) => {
  let test: TestDatabase;
  let services: MemoryServices;
  beforeAll(async () => {
    test = await kind.open();
    services = memoryServices(test.database);
  });
  afterAll(async () => {
    await services.close();
    await test.remove();
  });

  const pair = async (user_id = 'ana') => {
    const scope = await test.newScope();
    const working = await services.working.create(scope, {
      user_id,
      memory_type: 'action',
      content: { text: 'ran it' },
    });
    const longterm = await services.longterm.create(scope, {
      user_id,
      memory_type: 'fact',
      content: { text: 'it runs' },
    });
    return { scope, working, longterm, ids: [working.id, longterm.id] };
  };

  it('tags, pins, deletes and restores many at once, and says what was not there', async () => {
    const { scope, working, longterm, ids } = await pair();
    const stranger = uuidv7();
    const bulk = (action: Parameters<typeof services.memories.bulk>[1]['action'], of = ids) =>
      services.memories.bulk(scope, { ids: of, action });
    expect(await bulk({ kind: 'tag', tags: ['a', 'b'] }, [...ids, stranger])).toEqual({
      changed: ids,
      missing: [stranger],
    });
    expect(await bulk({ kind: 'tag', tags: ['a'] })).toEqual({ changed: [], missing: [] });
    expect(await bulk({ kind: 'untag', tags: ['b'] })).toEqual({ changed: ids, missing: [] });
    expect((await services.working.get(scope, working.id)).tags).toEqual(['a']);
    expect(await bulk({ kind: 'pin' })).toEqual({ changed: [longterm.id], missing: [working.id] });
    expect((await bulk({ kind: 'delete' })).changed).toEqual(ids);
    expect((await bulk({ kind: 'delete' })).missing).toEqual(ids);
    await expect(services.longterm.get(scope, longterm.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await bulk({ kind: 'restore' })).changed).toEqual(ids);
    expect(await services.longterm.get(scope, longterm.id)).toMatchObject({ pinned: true, tags: ['a'] });
    const { revisions } = await services.memories.history(scope, longterm.id);
    expect(revisions.map(({ change }) => change)).toEqual(['restored', 'deleted', 'updated', 'updated', 'updated']);
  });

  it('links memories once and removes the link', async () => {
    const { scope, working, longterm } = await pair();
    const link = { from_id: longterm.id, to_id: working.id, relation: 'derived_from' as const };
    const first = await services.memories.link(scope, link);
    expect(await services.memories.link(scope, link)).toEqual(first);
    expect((await services.memories.history(scope, working.id)).links).toEqual([first]);
    await expect(services.memories.link(scope, { ...link, to_id: uuidv7() })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(services.memories.link(scope, { ...link, to_id: longterm.id })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(await services.memories.unlink(scope, link)).toEqual({ removed: true });
    expect(await services.memories.unlink(scope, link)).toEqual({ removed: false });
  });

  it('shows the newest 1,000 of a long chain of superseding, the current one last', async () => {
    const scope = await test.newScope();
    const first = await services.longterm.create(scope, {
      user_id: 'ana',
      memory_type: 'fact',
      content: { text: 'version 0' },
    });
    const ids = [first.id, ...Array.from({ length: 1200 }, () => uuidv7())];
    const at = (version: number) => new Date(services.clock.now() + version * 1000).toISOString();
    const longterm = ids.map((id, version) => ({
      ...first,
      id,
      content: { text: `version ${version}` },
      language: 'english',
      created_at: at(version),
      valid_from: at(version),
      valid_to: version === 1200 ? null : at(version + 1),
      superseded_by: ids[version + 1] ?? null,
    }));
    await services.transfer.insert(scope, { longterm: longterm.slice(1) });
    await test.database.withScope(scope, (tx) =>
      tx.sql('UPDATE archon_longterm_memory SET superseded_by = $1, valid_to = $2 WHERE id = $3', [
        ids[1],
        at(1),
        first.id,
      ]),
    );
    for (const asked of [first.id, ids[600], ids[1200]]) {
      const { chain } = await services.memories.history(scope, String(asked));
      expect(chain).toHaveLength(1000);
      expect(chain[0]?.content.text).toBe('version 201');
      expect(chain.at(-1)).toMatchObject({ id: ids[1200], valid_to: null });
    }
  });

  it('lists users of memories and of sessions, page by page', async () => {
    const scope = await test.newScope();
    for (const user_id of ['carl', 'Anna', 'bob', 'élodie', 'zoe_1', 'zoe%2']) {
      await services.longterm.create(scope, { user_id, memory_type: 'fact', content: { text: 'x' } });
    }
    await services.working.create(scope, { user_id: 'bob', memory_type: 'action', content: { text: 'x' } });
    await services.sessions.create(scope, { user_id: 'dora', session_id: 'd' });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await services.memories.users(scope, { limit: 2, cursor });
      seen.push(...page.items.map(({ user_id }) => user_id));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(['Anna', 'bob', 'carl', 'dora', 'zoe%2', 'zoe_1', 'élodie']);
    const [bob] = (await services.memories.users(scope, { limit: 9, search: 'BO' })).items;
    expect(bob).toEqual({ user_id: 'bob', working_count: 1, longterm_count: 1, session_count: 0 });
    expect((await services.memories.users(scope, { limit: 9, search: '_' })).items.map((user) => user.user_id)).toEqual(
      ['zoe_1'],
    );
  });

  it('erases a user and leaves the others alone', async () => {
    const { scope, working, longterm, ids } = await pair();
    const other = await services.longterm.create(scope, {
      user_id: 'bob',
      memory_type: 'fact',
      content: { text: 'stays' },
    });
    await services.memories.link(scope, { from_id: longterm.id, to_id: other.id, relation: 'supports' });
    await services.memories.bulk(scope, { ids, action: { kind: 'tag', tags: ['t'] } });
    await services.sessions.create(scope, { user_id: 'ana', session_id: 's' });
    await expect(services.memories.erase(scope, { user_id: 'ana', confirm: 'yes' })).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect(await services.memories.erase(scope, { user_id: 'ana', confirm: 'ana' })).toEqual({
      sessions: 1,
      working: 1,
      longterm: 1,
    });
    for (const id of [working.id, longterm.id]) {
      await expect(services.memories.history(scope, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    const { memory, links } = await services.memories.history(scope, other.id);
    expect(memory.id).toBe(other.id);
    expect(links).toEqual([]);
    const left = await test.database.withScope(scope, (tx) =>
      tx.sql<{ count: number }>('SELECT count(*) AS count FROM archon_memory_revisions'),
    );
    expect(left[0]?.count).toBe(0);
  });

  it('gives the figures of a user', async () => {
    const scope = await test.newScope();
    const create = (text: string, importance_score: number, memory_type: 'fact' | 'skill') =>
      services.longterm.create(scope, { user_id: 'ana', memory_type, content: { text }, importance_score });
    await create('hello world', 1, 'fact');
    await create('hello', 0.25, 'skill');
    await services.working.create(scope, { user_id: 'ana', memory_type: 'action', content: { text: 'hello world' } });
    await services.sessions.create(scope, { user_id: 'ana', messages: [{ role: 'user', content: 'hello world' }] });
    const stats = await services.stats.user(scope, { user_id: 'ana', days: 3 });
    expect(stats).toMatchObject({
      counts: { session: 1, working: 1, longterm: 2 },
      tokens: { session: 2, working: 2, longterm: 3 },
      session_status: 'healthy',
      average_importance: 0.625,
      average_relevance: 0.5,
      importance_histogram: [0, 0, 1, 0, 0, 0, 0, 0, 0, 1],
    });
    expect(stats.growth).toHaveLength(3);
    expect(stats.growth.at(-1)).toMatchObject({ working: 1, longterm: 2 });
    expect(stats.by_type).toContainEqual({ memory_type: 'skill', count: 1, token_count: 1 });
    expect((await services.stats.user(scope, { user_id: 'nobody', days: 1 })).average_importance).toBeNull();
  });

  it('records an event for every change, in its transaction', async () => {
    const { scope, ids, longterm } = await pair();
    await services.memories.bulk(scope, { ids, action: { kind: 'delete' } });
    await services.longterm.supersede(scope, { id: longterm.id, content: { text: 'x' } }).catch(() => {});
    const events = await test.database.withScope(scope, (tx) =>
      tx.sql<{ type: string; actor: string }>('SELECT type, actor FROM archon_events ORDER BY id'),
    );
    expect(events.map(({ type }) => type)).toEqual([
      'memory.working.created',
      'memory.longterm.created',
      'memory.working.deleted',
      'memory.longterm.deleted',
    ]);
    expect(new Set(events.map(({ actor }) => actor))).toEqual(new Set(['test']));
  });
});
