import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewWorkingMemory, ParsedInputs } from '../../../src-contract/index.ts';
import { type MemoryServices, memoryServices } from '../../support/memory-services.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const list = (given: Partial<ParsedInputs['working']['list']> = {}): ParsedInputs['working']['list'] => ({
  user_id: 'ana',
  include_deleted: false,
  include_expired: false,
  sort: 'newest',
  limit: 50,
  ...given,
});
const item = (text: string, given: Partial<NewWorkingMemory> = {}): NewWorkingMemory => ({
  user_id: 'ana',
  memory_type: 'decision',
  content: { text },
  ...given,
});

describe.each(databaseKinds.filter(({ available }) => available))('working memory on $name', (kind) => {
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

  it('keeps what is written, field by field', async () => {
    const scope = await test.newScope();
    const written = await services.working.create(
      scope,
      item('Ship on Friday ✅', {
        session_id: 's1',
        metadata: { nested: { list: [1, 'two', null, true, 2.5] } },
        content: { text: 'Ship on Friday ✅', extra: { a: [1] } },
        tags: ['release', 'ünïcode'],
        relevance_score: 0.875,
        created_at: '2026-01-02T03:04:05.678Z',
        ttl_days: 30,
      }),
    );
    expect(written).toMatchObject({ created_at: '2026-01-02T03:04:05.678Z', token_count: 4, session_id: 's1' });
    expect(await services.working.get(scope, written.id)).toEqual(written);
    expect((await services.working.list(scope, list())).items).toEqual([written]);
  });

  it('writes a batch whole or not at all', async () => {
    const scope = await test.newScope();
    const { items } = await services.working.createBatch(scope, {
      items: Array.from({ length: 500 }, (_, index) => item(`note ${index}`)),
    });
    expect(items).toHaveLength(500);
    const broken = [item('fine'), item('broken', { memory_type: 'gossip' as 'decision' })];
    await expect(services.working.createBatch(scope, { items: broken })).rejects.toThrow();
    expect((await services.stats.user(scope, { user_id: 'ana', days: 1 })).counts.working).toBe(500);
  });

  it('answers a repeated write with the first answer and refuses the key for another', async () => {
    const scope = await test.newScope();
    const first = await services.working.create(scope, { ...item('once'), idempotency_key: 'key' });
    const again = await services.working.create(scope, { ...item('once'), idempotency_key: 'key' });
    expect(again).toEqual(first);
    await expect(services.working.create(scope, { ...item('other'), idempotency_key: 'key' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect((await services.working.list(scope, list())).items).toHaveLength(1);
    const both = await Promise.all(
      [1, 2, 3].map(() => services.working.create(scope, { ...item('race'), idempotency_key: 'r' })),
    );
    expect(new Set(both.map(({ id }) => id)).size).toBe(1);
    services.clock.advance({ days: 2 });
    const later = await services.working.create(scope, { ...item('once'), idempotency_key: 'key' });
    expect(later.id).not.toBe(first.id);
  });

  it('finds by type, tag, session, time, relevance and part of the text', async () => {
    const scope = await test.newScope();
    const a = await services.working.create(scope, item('Alpha 100% sure', { tags: ['x', 'y'], session_id: 's1' }));
    const b = await services.working.create(
      scope,
      item('beta_1', { memory_type: 'action', tags: ['x'], relevance_score: 0.9, created_at: '2025-06-01T00:00:00Z' }),
    );
    const ids = async (given: Partial<ParsedInputs['working']['list']>) =>
      (await services.working.list(scope, list(given))).items.map(({ id }) => id);
    expect(await ids({ memory_type: ['action'] })).toEqual([b.id]);
    expect(await ids({ tags: ['x', 'y'] })).toEqual([a.id]);
    expect(await ids({ session_id: 's1' })).toEqual([a.id]);
    expect(await ids({ created_before: '2025-07-01T00:00:00.000Z' })).toEqual([b.id]);
    expect(await ids({ created_after: '2025-07-01T00:00:00.000Z' })).toEqual([a.id]);
    expect(await ids({ text: 'ALPHA 100%' })).toEqual([a.id]);
    expect(await ids({ text: 'a_1' })).toEqual([b.id]);
    expect(await ids({ text: '%' })).toEqual([a.id]);
    expect(await ids({ text: '\\' })).toEqual([]);
    expect(await ids({ min_relevance: 0.4 })).toEqual([a.id]);
    expect(await ids({ sort: 'oldest' })).toEqual([b.id, a.id]);
    expect(await ids({ sort: 'score' })).toEqual([a.id, b.id]);
  });

  it('tells which of some memories pass the filters, and nothing of others', async () => {
    const scope = await test.newScope();
    const { items } = await services.working.createBatch(scope, {
      items: [item('one', { tags: ['x'] }), item('two'), item('three', { tags: ['x'] }), item('four', { tags: ['x'] })],
    });
    const [one, two, three] = items.map(({ id }) => id) as [string, string, string];
    const foreign = await services.working.create(await test.newScope(), item('foreign', { tags: ['x'] }));
    const ids = [one, two, three, foreign.id];
    const asked = async (given: Partial<ParsedInputs['working']['list']> = {}) =>
      (await services.working.list(scope, list({ ids, tags: ['x'], ...given }))).items.map(({ id }) => id);
    expect(await asked()).toEqual([three, one]);
    await services.working.delete(scope, { id: three });
    expect(await asked()).toEqual([one]);
    expect(await asked({ include_deleted: true })).toEqual([three, one]);
  });

  it('answers relevance as it was at a time, for all pages that of the first', async () => {
    const scope = await test.newScope();
    await services.working.createBatch(scope, {
      items: [item('a', { relevance_score: 0.8 }), item('b', { relevance_score: 0.4 })],
    });
    const first = await services.working.list(scope, list({ sort: 'score', limit: 1 }));
    services.clock.advance({ days: 7 });
    const second = await services.working.list(
      scope,
      list({ sort: 'score', limit: 1, cursor: first.next_cursor ?? '' }),
    );
    expect([...first.items, ...second.items].map(({ relevance_score }) => relevance_score)).toEqual([0.8, 0.4]);
    expect(second.scored_at).toBe(first.scored_at);
    const relevanceAt = async (given: Partial<ParsedInputs['working']['list']>) =>
      (await services.working.list(scope, list({ sort: 'score', ...given }))).items.map((one) => one.relevance_score);
    expect(await relevanceAt({ scored_at: first.scored_at, min_relevance: 0.8 })).toEqual([0.8]);
    expect(await relevanceAt({ min_relevance: 0.41 })).toEqual([]);
  });

  it('lets relevance fade and the memory expire', async () => {
    const scope = await test.newScope();
    const { id } = await services.working.create(scope, item('fading', { relevance_score: 0.8 }));
    services.clock.advance({ days: 7 });
    expect((await services.working.get(scope, id)).relevance_score).toBeCloseTo(0.4, 9);
    expect((await services.working.list(scope, list({ min_relevance: 0.39 }))).items).toHaveLength(1);
    expect((await services.working.list(scope, list({ min_relevance: 0.41 }))).items).toHaveLength(0);
    services.clock.advance({ days: 8 });
    expect((await services.working.list(scope, list())).items).toEqual([]);
    expect((await services.working.list(scope, list({ include_expired: true }))).items).toHaveLength(1);
  });

  it('is gone once it has expired, but for its history', async () => {
    const scope = await test.newScope();
    const { id } = await services.working.create(scope, item('short-lived', { ttl_days: 7 }));
    const other = await services.longterm.create(scope, {
      user_id: 'ana',
      memory_type: 'fact',
      content: { text: 'x' },
    });
    const bulk = (kind: 'delete' | 'restore') => services.memories.bulk(scope, { ids: [id], action: { kind } });
    services.clock.advance({ days: 7 });
    const gone = { code: 'NOT_FOUND' };
    await expect(services.working.get(scope, id)).rejects.toMatchObject(gone);
    await expect(services.working.update(scope, { id, ttl_days: 30 })).rejects.toMatchObject(gone);
    await expect(services.working.delete(scope, { id })).rejects.toMatchObject(gone);
    const link = { from_id: other.id, to_id: id, relation: 'relates_to' as const };
    await expect(services.memories.link(scope, link)).rejects.toMatchObject(gone);
    expect(await bulk('delete')).toEqual({ changed: [], missing: [id] });
    expect((await services.memories.history(scope, id)).memory.content.text).toBe('short-lived');
    const deleted = await services.working.create(scope, item('deleted before', { ttl_days: 7 }));
    await services.working.delete(scope, { id: deleted.id });
    services.clock.advance({ days: 7 });
    const restored = await services.memories.bulk(scope, { ids: [deleted.id], action: { kind: 'restore' } });
    expect(restored).toEqual({ changed: [], missing: [deleted.id] });
  });

  it('keeps what a memory was before each change', async () => {
    const scope = await test.newScope();
    const before = await services.working.create(scope, item('draft', { tags: ['old'] }));
    await services.working.update(scope, {
      id: before.id,
      content: { text: 'final text' },
      tags: ['new'],
      relevance_score: 1,
    });
    await services.working.delete(scope, { id: before.id });
    await expect(services.working.get(scope, before.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(services.working.update(scope, { id: before.id, tags: [] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const { memory, revisions } = await services.memories.history(scope, before.id);
    expect(memory.content.text).toBe('final text');
    expect(revisions.map(({ revision, change }) => [revision, change])).toEqual([
      [2, 'deleted'],
      [1, 'updated'],
    ]);
    expect(revisions[1]?.before).toMatchObject({ content: { text: 'draft' }, tags: ['old'] });
    await services.memories.bulk(scope, { ids: [before.id], action: { kind: 'restore' } });
    expect((await services.working.get(scope, before.id)).tags).toEqual(['new']);
  });

  it('shows each memory exactly once over all pages while others are written', async () => {
    const scope = await test.newScope();
    const sort = fc.constantFrom('newest' as const, 'oldest' as const, 'score' as const);
    const plan = fc.record({ sort, limit: fc.integer({ min: 1, max: 7 }), count: fc.integer({ min: 0, max: 25 }) });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(plan, async ({ sort: order, limit, count }) => {
        const user_id = `pages-${run++}`;
        const { items } =
          count === 0
            ? { items: [] }
            : await services.working.createBatch(scope, {
                items: Array.from({ length: count }, (_, index) =>
                  item(`${index}`, {
                    user_id,
                    created_at: `2026-01-01T00:00:0${index % 3}.000Z`,
                    relevance_score: (index % 4) / 4,
                  }),
                ),
              });
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await services.working.list(scope, list({ user_id, sort: order, limit, cursor }));
          seen.push(...page.items.map(({ id }) => id));
          cursor = page.next_cursor ?? undefined;
          services.clock.advance({ minutes: 1 });
          // A reader of the oldest first would meet every newcomer: in the end they must stop coming.
          if (seen.length > count + 5) continue;
          await services.working.create(scope, item('intruder', { user_id, relevance_score: 0.6 }));
        } while (cursor !== undefined);
        expect(new Set(seen).size).toBe(seen.length);
        const wanted = new Set(items.map(({ id }) => id));
        expect(seen.filter((id) => wanted.has(id)).length).toBe(wanted.size);
      }),
      { numRuns: 15 },
    );
  });

  it('refuses a cursor of another order, or of long-term memory', async () => {
    const scope = await test.newScope();
    await services.working.createBatch(scope, { items: [item('a'), item('b')] });
    const { next_cursor } = await services.working.list(scope, list({ limit: 1 }));
    const refused = { code: 'CURSOR_INVALID' };
    const request = list({ limit: 1, sort: 'score', cursor: next_cursor ?? '' });
    await expect(services.working.list(scope, request)).rejects.toMatchObject(refused);
    const { include_expired: _expired, memory_type: _type, ...shared } = list({ limit: 1, cursor: next_cursor ?? '' });
    await expect(services.longterm.list(scope, { ...shared, include_superseded: false })).rejects.toMatchObject(
      refused,
    );
  });
});
