import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewLongTermMemory, ParsedInputs } from '../../../src-contract/index.ts';
import { type MemoryServices, memoryServices } from '../../support/memory-services.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const list = (given: Partial<ParsedInputs['longterm']['list']> = {}): ParsedInputs['longterm']['list'] => ({
  user_id: 'ana',
  include_deleted: false,
  include_superseded: false,
  sort: 'newest',
  limit: 50,
  ...given,
});
const fact = (text: string, given: Partial<NewLongTermMemory> = {}): NewLongTermMemory => ({
  user_id: 'ana',
  memory_type: 'fact',
  content: { text },
  ...given,
});

describe.each(databaseKinds.filter(({ available }) => available))('long-term memory on $name', (kind) => {
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
    const written = await services.longterm.create(
      scope,
      fact('Lives in Łódź', {
        provenance: { source: 'chat', session_id: 's', message_id: 'm', agent: 'helper' },
        importance_score: 0.9,
        pinned: true,
        tags: ['home'],
        created_at: '2026-01-02T03:04:05.678Z',
      }),
    );
    expect(written).toMatchObject({ valid_from: '2026-01-02T03:04:05.678Z', valid_to: null, superseded_by: null });
    expect((await services.longterm.list(scope, list())).items).toEqual([written]);
    expect((await services.longterm.list(scope, list({ session_id: 's', pinned: true }))).items).toEqual([written]);
    expect((await services.longterm.list(scope, list({ session_id: 'other' }))).items).toEqual([]);
  });

  it('tells which of some memories pass the filters', async () => {
    const scope = await test.newScope();
    const { items } = await services.longterm.createBatch(scope, {
      items: [fact('one', { pinned: true }), fact('two'), fact('three', { pinned: true })],
    });
    const [one, two] = items.map(({ id }) => id) as [string, string];
    const asked = async (given: Partial<ParsedInputs['longterm']['list']>) =>
      (await services.longterm.list(scope, list({ ids: [one, two], ...given }))).items.map(({ id }) => id);
    expect(await asked({})).toEqual([two, one]);
    expect(await asked({ pinned: true })).toEqual([one]);
    await services.longterm.supersede(scope, { id: one, content: { text: 'one more' } });
    expect(await asked({})).toEqual([two]);
    expect(await asked({ include_superseded: true })).toEqual([two, one]);
  });

  it('supersedes a fact and still knows what was true then', async () => {
    const scope = await test.newScope();
    const first = await services.longterm.create(
      scope,
      fact('Deploys on Friday', { created_at: '2026-01-01T00:00:00Z', tags: ['ops'] }),
    );
    const second = await services.longterm.supersede(scope, {
      id: first.id,
      content: { text: 'Deploys on Tuesday' },
      valid_from: '2026-03-01T00:00:00.000Z',
    });
    const third = await services.longterm.supersede(scope, {
      id: second.id,
      content: { text: 'Deploys on Monday' },
      valid_from: '2026-05-01T00:00:00.000Z',
    });
    expect(third.tags).toEqual(['ops']);
    const texts = async (given: Partial<ParsedInputs['longterm']['list']>) =>
      (await services.longterm.list(scope, list(given))).items.map(({ content }) => content.text);
    expect(await texts({})).toEqual(['Deploys on Monday']);
    expect(await texts({ as_of: '2026-02-01T00:00:00.000Z' })).toEqual(['Deploys on Friday']);
    expect(await texts({ as_of: '2026-03-01T00:00:00.000Z' })).toEqual(['Deploys on Tuesday']);
    expect(await texts({ as_of: '2025-12-31T00:00:00.000Z' })).toEqual([]);
    expect((await texts({ include_superseded: true })).length).toBe(3);
    const { chain, revisions } = await services.memories.history(scope, second.id);
    expect(chain.map(({ id }) => id)).toEqual([first.id, second.id, third.id]);
    expect(revisions.map(({ change }) => change)).toEqual(['superseded']);
  });

  it('refuses to supersede what is superseded, naming its successor, and times that go back', async () => {
    const scope = await test.newScope();
    const first = await services.longterm.create(scope, fact('one', { created_at: '2026-02-01T00:00:00Z' }));
    await expect(
      services.longterm.supersede(scope, {
        id: first.id,
        content: { text: 'two' },
        valid_from: '2026-01-01T00:00:00.000Z',
      }),
    ).rejects.toMatchObject({ code: 'VALIDATION_FAILED', issues: [{ field: 'valid_from' }] });
    const second = await services.longterm.supersede(scope, { id: first.id, content: { text: 'two' } });
    await expect(services.longterm.supersede(scope, { id: first.id, content: { text: 'x' } })).rejects.toThrow(
      second.id,
    );
    const both = await Promise.allSettled(
      ['a', 'b'].map((text) => services.longterm.supersede(scope, { id: second.id, content: { text } })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('supersedes once for one key', async () => {
    const scope = await test.newScope();
    const first = await services.longterm.create(scope, fact('one'));
    const change = { id: first.id, content: { text: 'two' }, idempotency_key: 'k' };
    const second = await services.longterm.supersede(scope, change);
    expect(await services.longterm.supersede(scope, change)).toEqual(second);
    expect((await services.longterm.list(scope, list({ include_superseded: true }))).items).toHaveLength(2);
  });

  it('counts accesses without writing at each of them', async () => {
    const scope = await test.newScope();
    const { id } = await services.longterm.create(scope, fact('asked often'));
    for (let time = 0; time < 3; time += 1) await services.longterm.get(scope, id);
    await services.accesses.flush();
    const { items } = await services.longterm.list(scope, list());
    expect(items[0]).toMatchObject({ access_count: 3, last_accessed_at: new Date(services.clock.now()).toISOString() });
    const { most_accessed } = await services.stats.user(scope, { user_id: 'ana', days: 1 });
    expect(most_accessed).toEqual([{ id, text: 'asked often', access_count: 3 }]);
  });

  it('changes labels in place and keeps a revision of each change', async () => {
    const scope = await test.newScope();
    const { id } = await services.longterm.create(scope, fact('tea', { importance_score: 0.1 }));
    const after = await services.longterm.update(scope, { id, pinned: true, importance_score: 0.7, tags: ['drink'] });
    expect(after).toMatchObject({ id, pinned: true, importance_score: 0.7, tags: ['drink'] });
    expect((await services.longterm.list(scope, list())).items).toEqual([after]);
    expect((await services.memories.history(scope, id)).revisions[0]?.before).toMatchObject({
      pinned: false,
      tags: [],
    });
  });
});
