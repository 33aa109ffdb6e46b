import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextInput, type SearchInput } from '../../../src-contract/index.ts';
import { type MemoryServices, memoryServices } from '../../support/memory-services.ts';
import { databaseKinds, type TestDatabase } from '../../support/test-databases.ts';

const ask = (query: string, given: Partial<SearchInput> = {}): SearchInput => ({
  user_id: 'ana',
  query,
  layers: ['working', 'longterm'],
  limit: 20,
  ...given,
});

describe.each(databaseKinds.filter(({ available }) => available))('search on $name', (kind) => {
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

  const filled = async () => {
    const scope = await test.newScope();
    const longterm = await services.longterm.create(scope, {
      user_id: 'ana',
      memory_type: 'preference',
      content: { text: 'Prefers deploying on Tuesdays because the team is awake' },
      tags: ['ops'],
      importance_score: 0.9,
      provenance: { source: 'chat', session_id: 's1' },
    });
    const working = await services.working.create(scope, {
      user_id: 'ana',
      memory_type: 'decision',
      content: { text: 'Moved the database to a new host' },
      session_id: 's2',
      relevance_score: 0.2,
    });
    const texts = async (input: SearchInput) =>
      (await services.search.query(scope, input)).hits.map(({ memory }) => memory.content.text);
    return { scope, longterm, working, texts };
  };

  it('finds any of the words in any of their forms, the best first', async () => {
    const { scope, longterm, working } = await filled();
    const { hits, query_terms } = await services.search.query(
      scope,
      ask('When do we deploy the databases? On a Tuesday?'),
    );
    expect(query_terms).toEqual(['deploy', 'databas', 'tuesday']);
    expect(hits.map(({ memory }) => memory.id)).toEqual([longterm.id, working.id]);
    expect(hits[0]).toMatchObject({ score: 1, reason: 'matches 2 of 3 words (deploy, tuesday); importance 0.90' });
    expect(hits[1]?.score).toBeLessThan(1);
  });

  it('filters by layer, type, tag, session, time, worth and point in time', async () => {
    const { scope, longterm, texts } = await filled();
    const [preference, decision] = [longterm.content.text, 'Moved the database to a new host'];
    const query = 'deploying database';
    expect(await texts(ask(query, { layers: ['working'] }))).toEqual([decision]);
    expect(await texts(ask(query, { memory_type: ['preference'] }))).toEqual([preference]);
    expect(await texts(ask(query, { tags: ['ops'] }))).toEqual([preference]);
    expect(await texts(ask(query, { session_id: 's1' }))).toEqual([preference]);
    expect(await texts(ask(query, { session_id: 's2' }))).toEqual([decision]);
    expect(await texts(ask(query, { min_score: 0.5 }))).toEqual([preference]);
    expect(await texts(ask(query, { created_before: '2020-01-01T00:00:00.000Z' }))).toEqual([]);
    expect(await texts(ask(query, { user_id: 'bob' }))).toEqual([]);
    const then = new Date(services.clock.now()).toISOString();
    services.clock.advance({ minutes: 5 });
    await services.longterm.supersede(scope, { id: longterm.id, content: { text: 'Prefers deploying on Mondays' } });
    expect(await texts(ask('deploying', { layers: ['longterm'] }))).toEqual(['Prefers deploying on Mondays']);
    expect(await texts(ask('deploying', { as_of: then }))).toEqual([preference]);
  });

  it('no longer finds what is deleted or expired', async () => {
    const { scope, longterm, working, texts } = await filled();
    await services.longterm.delete(scope, { id: longterm.id });
    expect(await texts(ask('deploying'))).toEqual([]);
    expect(await texts(ask('database'))).toEqual([working.content.text]);
    services.clock.advance({ days: 15 });
    expect(await texts(ask('database'))).toEqual([]);
  });

  it('finds the memory with most of the words among hundreds that repeat one of them', async () => {
    const scope = await test.newScope();
    const best = { text: 'The window for the deploy is Tuesday evening, when everybody is awake and can help' };
    const noise = (index: number) => ({ text: `deploy deploy deploy deploy ${index}` });
    const old = { user_id: 'ana', created_at: '2020-01-01T00:00:00.000Z' };
    await services.working.create(scope, { ...old, memory_type: 'decision', content: best, ttl_days: 30 });
    await services.longterm.create(scope, { ...old, memory_type: 'fact', content: best });
    for (const layer of [services.working, services.longterm]) {
      const memory_type = (layer === services.working ? 'action' : 'fact') as never;
      const items = Array.from({ length: 300 }, (_, index) => ({ user_id: 'ana', memory_type, content: noise(index) }));
      await layer.createBatch(scope, { items });
    }
    const query = 'When is the deploy window on Tuesday?';
    for (const layer of ['working', 'longterm'] as const) {
      const [hit] = (await services.search.query(scope, ask(query, { layers: [layer] }))).hits;
      expect(hit?.memory.content, layer).toEqual(best);
      expect(hit?.reason).toMatch(/^matches 3 of 3 words/);
    }
    const context = await services.context.assemble(scope, contextInput.parse({ user_id: 'ana', query }));
    expect(context.memory_block.split(best.text)).toHaveLength(2);
  });

  it('takes any text for a query', async () => {
    const { scope } = await filled();
    const odd = [
      '',
      '   ',
      '🙂🙃',
      "'; DROP TABLE archon_longterm_memory; --",
      'a & b | !c <-> (d:*',
      '\\',
      "it's \\' quoted''",
      '!!!',
      ':*',
      "deploy\\'x",
      'https://example.com/a?b=c&d=e#f',
      'x'.repeat(1_000_000),
      'word '.repeat(200_000),
    ];
    for (const query of odd) await services.search.query(scope, ask(query));
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        const query = text.toWellFormed().replaceAll('\u0000', '');
        const { hits } = await services.search.query(scope, ask(query));
        expect(hits.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 100 },
    );
    expect((await services.search.query(scope, ask('deploying'))).hits).toHaveLength(1);
  });

  it('uses the text index under row-level security', async () => {
    const scope = await test.newScope();
    for (let batch = 0; batch < 10; batch += 1) {
      await services.working.createBatch(scope, {
        items: Array.from({ length: 500 }, (_, index) => ({
          user_id: 'ana',
          memory_type: 'action' as const,
          content: { text: `ordinary note ${batch} ${index} about${index}` },
        })),
      });
    }
    await test.database.transaction((tx) => tx.sql('ANALYZE archon_working_memory'));
    const scans = async () => {
      const [row] = await test.database.transaction((tx) =>
        tx.sql<{ scans: number }>(
          `SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot(), idx_scan AS scans
           FROM pg_stat_user_indexes WHERE indexrelname = 'archon_working_text'`,
        ),
      );
      return row?.scans ?? 0;
    };
    const before = await scans();
    for (let time = 0; time < 20; time += 1) {
      expect((await services.search.query(scope, ask(`about${time}`))).hits).toHaveLength(10);
    }
    await expect.poll(scans, { timeout: 15_000 }).toBeGreaterThanOrEqual(before + 20);
  });
});
