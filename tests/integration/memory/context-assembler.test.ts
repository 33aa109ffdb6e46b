import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ContextInput, contextInput } from '../../../src-contract/index.ts';
import { ContextAssembler } from '../../../src-main/memory/context-assembler.ts';
import { MemoryControlSettings } from '../../../src-main/memory/memory-controls.ts';
import { countTokens } from '../../../src-main/memory/o200k.ts';
import { MESSAGE_FRAMING_TOKENS } from '../../../src-main/memory/tokens.ts';
import { LexicalRetriever } from '../../../src-main/retrieval/lexical-retriever.ts';
import { Database } from '../../../src-main/storage/database.ts';
import { SessionStoreUnavailableError } from '../../../src-main/storage/sessions/session-store.ts';
import { type MemoryServices, memoryServices, testSettings } from '../../support/memory-services.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';

const ask = (given: Partial<ContextInput> = {}): ContextInput => contextInput.parse({ user_id: 'ana', ...given });

describe.each(databaseKinds.filter(({ available }) => available))('the context assembler on $name', (kind) => {
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
    const session_id = 'talk';
    await services.sessions.create(scope, {
      user_id: 'ana',
      session_id,
      messages: [
        { role: 'user', content: 'Good morning' },
        { role: 'assistant', content: 'Good morning! What shall we do?' },
        { role: 'user', content: 'When is the deploy window?' },
      ],
    });
    await services.longterm.create(scope, {
      user_id: 'ana',
      memory_type: 'fact',
      content: { text: 'The deploy window is Tuesday' },
    });
    await services.longterm.create(scope, {
      user_id: 'ana',
      memory_type: 'preference',
      content: { text: 'Likes short answers' },
      pinned: true,
    });
    await services.working.create(scope, {
      user_id: 'ana',
      memory_type: 'decision',
      content: { text: 'Froze deploys for the holiday' },
    });
    await services.working.create(scope, {
      user_id: 'ana',
      memory_type: 'conversation',
      content: { text: 'good  MORNING' },
    });
    return { scope, session_id };
  };

  it('packs the conversation and what fits it, with reasons, pinned first', async () => {
    const { scope, session_id } = await filled();
    const context = await services.context.assemble(scope, ask({ session_id }));
    expect(context).toMatchObject({ status: 'healthy', status_reason: null, query: 'When is the deploy window?' });
    expect(context.messages.map(({ content }) => content)).toEqual([
      'Good morning',
      'Good morning! What shall we do?',
      'When is the deploy window?',
    ]);
    expect(context.memories.map(({ memory }) => memory.content.text)).toEqual([
      'Likes short answers',
      'The deploy window is Tuesday',
      'Froze deploys for the holiday',
    ]);
    expect(context.memories[1]?.reason).toMatch(/^matches 2 of 2 words \(deploy, window\); importance 0\.50$/);
    expect(context.memory_block).toContain('- [fact, since ');
    expect(context.left_out).toEqual([expect.objectContaining({ layer: 'working', reason: 'duplicate' })]);
    const spoken = context.messages.reduce(
      (sum, { content }) => sum + countTokens(content) + MESSAGE_FRAMING_TOKENS,
      0,
    );
    expect(context.total_tokens).toBe(spoken + countTokens(context.memory_block) + MESSAGE_FRAMING_TOKENS);
    expect(context.sources).toMatchObject({
      session: { candidates: 3, count: 3, tokens: spoken },
      longterm: { candidates: 2, count: 2 },
      working: { candidates: 2, count: 1 },
    });
  });

  it('keeps a memory of something said so long ago that it no longer fits', async () => {
    const scope = await test.newScope();
    const messages = Array.from({ length: 120 }, (_, index) => ({
      message_id: `m${index}`,
      role: 'user' as const,
      content: index === 0 ? 'The vault code is marzipan.' : `Filler number ${index}. ${'word '.repeat(100)}`,
    }));
    await services.sessions.create(scope, { user_id: 'ana', session_id: 'long', messages });
    await services.working.create(scope, {
      user_id: 'ana',
      memory_type: 'conversation',
      content: { text: 'The vault code is marzipan.', message_id: 'm0' },
    });
    const context = await services.context.assemble(
      scope,
      ask({ session_id: 'long', query: 'vault code', max_tokens: 2000 }),
    );
    expect(context.messages.some(({ message_id }) => message_id === 'm0')).toBe(false);
    expect(context.memory_block).toContain('marzipan');
  });

  it('is told of when an agent is given it, not when a person only looks', async () => {
    const { scope, session_id } = await filled();
    const { outbox } = services.sessionStore;
    const told = async () => {
      const { batches } = await outbox.take();
      const entries = batches.flatMap((batch) => batch.entries).filter(({ org_id }) => org_id === scope.org_id);
      for (const batch of batches) await outbox.remove(batch);
      return entries.flatMap(({ event }) => (event.type === 'memory.context.assembled' ? [event.payload] : []));
    };
    while ((await outbox.waiting()).events > 0) await told();
    await services.context.assemble(scope, ask({ session_id, track_access: false }));
    expect(await told()).toEqual([]);
    const { total_tokens } = await services.context.assemble(scope, ask({ session_id }));
    expect(await told()).toEqual([{ session_id, total_tokens, status: 'healthy' }]);
  });

  it('leaves out a layer that is switched off and says so', async () => {
    const { scope, session_id } = await filled();
    const layers = { session: false, working: false, longterm: true };
    const context = await services.context.assemble(scope, ask({ session_id, layers, query: 'deploy' }));
    expect(context.messages).toEqual([]);
    expect(context.sources).toMatchObject({
      session: { enabled: false, count: 0 },
      working: { enabled: false, count: 0 },
    });
    expect(new Set(context.memories.map(({ memory }) => memory.layer))).toEqual(new Set(['longterm']));
  });

  it('goes on without a session that is gone, and refuses one of another user', async () => {
    const { scope, session_id } = await filled();
    const gone = await services.context.assemble(scope, ask({ session_id: 'nowhere' }));
    expect(gone).toMatchObject({ status: 'healthy', status_reason: expect.stringContaining('nowhere') });
    await expect(services.context.assemble(scope, ask({ session_id, user_id: 'bob' }))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('counts the use of the memories it gives', async () => {
    const { scope } = await filled();
    await services.context.assemble(scope, ask());
    await services.context.assemble(scope, ask());
    await services.accesses.flush();
    const { most_accessed } = await services.stats.user(scope, { user_id: 'ana', days: 1 });
    expect(most_accessed.map(({ access_count }) => access_count)).toEqual([2, 2]);
  });

  it('uses nothing when a person only looks', async () => {
    const { scope, session_id } = await filled();
    const before = await services.sessionStore.get(scope, session_id, services.clock.now(), false);
    services.clock.advance({ minutes: 5 });
    const looked = await services.context.assemble(scope, ask({ session_id, track_access: false }));
    expect(looked.memories.length).toBeGreaterThan(1);
    expect(looked.messages).toHaveLength(3);
    await services.accesses.flush();
    expect(await services.stats.user(scope, { user_id: 'ana', days: 1 })).toMatchObject({ most_accessed: [] });
    expect(await services.sessionStore.get(scope, session_id, services.clock.now(), false)).toEqual(before);
    await services.context.assemble(scope, ask({ session_id }));
    const used = await services.sessionStore.get(scope, session_id, services.clock.now(), false);
    expect(Date.parse(used?.expires_at ?? '')).toBe(Date.parse(before?.expires_at ?? '') + 5 * 60_000);
  });

  it('answers with what is left while stores are away', async () => {
    const { scope, session_id } = await filled();
    const faults = { sessions: false, database: false };
    const retriever = new LexicalRetriever(() => testSettings);
    const away = new Database({
      pool: { host: '127.0.0.1', port: 1, connectionTimeoutMillis: 1000 },
      logger: silentLogger,
      statement_timeout_ms: 1000,
    });
    const sessions = new Proxy(services.sessionStore, {
      get(target, name) {
        if (faults.sessions) return () => Promise.reject(new SessionStoreUnavailableError('sessions are away'));
        const member = Reflect.get(target, name);
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const database = new Proxy(test.database, {
      get(target, name) {
        const chosen = faults.database ? away : target;
        const member = Reflect.get(chosen, name);
        return typeof member === 'function' ? member.bind(chosen) : member;
      },
    });
    const assembler = new ContextAssembler({
      events: services.sessionStore.outbox,
      database,
      sessions,
      retriever,
      accesses: services.accesses,
      controls: new MemoryControlSettings({ database, clock: services.clock }),
      clock: services.clock,
      logger: silentLogger,
      settings: () => testSettings,
    });
    const assemble = () => assembler.assemble(scope, ask({ session_id }));
    faults.database = true;
    const alone = await assemble();
    expect(alone).toMatchObject({
      status: 'degraded',
      memories: [],
      status_reason: expect.stringContaining('No memories'),
    });
    expect(alone.messages).toHaveLength(3);
    faults.database = false;
    const good = await assemble();
    faults.database = true;
    expect(await assemble()).toMatchObject({
      status: 'cached',
      memories: good.memories,
      assembled_at: good.assembled_at,
    });
    assembler.forget(scope, 'ana');
    faults.sessions = true;
    expect(await assemble()).toMatchObject({ status: 'error', messages: [], memories: [], total_tokens: 0 });
    faults.database = false;
    const withoutTalk = await assemble();
    expect(withoutTalk).toMatchObject({ status: 'degraded', messages: [] });
    expect(withoutTalk.memories.length).toBeGreaterThan(0);
    await away.close();
  });

  it('gives no more of long memories than the budget takes, and says what is not whole', async () => {
    const scope = await test.newScope();
    const unbroken = 'a'.repeat(200_000);
    const items = Array.from({ length: 8 }, (_, index) => ({
      user_id: 'ana',
      memory_type: 'action' as const,
      content: { text: `deploy ${index} ${unbroken}`, detail: 'kept elsewhere' },
    }));
    for (const one of items) await services.working.create(scope, one);
    const fact = (given: object) =>
      services.longterm.create(scope, {
        user_id: 'ana',
        memory_type: 'fact',
        content: { text: 'deploy often' },
        ...given,
      });
    const large = await fact({ metadata: { log: 'x'.repeat(500_000) }, pinned: true });
    const tagged = await fact({
      content: { text: 'deploy on Tuesday' },
      tags: Array.from({ length: 500 }, (_, i) => `t${i}`),
    });
    const detailed = await fact({ content: { text: 'deploy slowly', log: 'x'.repeat(500_000) } });
    const small = await fact({ content: { text: 'deploy by hand', how: 'kubectl' }, metadata: { a: 1 }, tags: ['t'] });
    const context = await services.context.assemble(scope, ask({ query: 'deploy', max_tokens: 8000 }));
    const given = new Map(context.memories.map((one) => [one.memory.id, one]));
    expect(given.get(small.id)).toMatchObject({ memory: { ...small, layer: 'longterm' }, truncated: false });
    expect(given.get(large.id)).toMatchObject({ memory: { content: large.content, metadata: {} }, truncated: true });
    expect(given.get(tagged.id)?.memory.tags).toHaveLength(100);
    expect(given.get(detailed.id)).toMatchObject({ memory: { content: { text: 'deploy slowly' } }, truncated: true });
    expect(given.get(detailed.id)?.memory.content).toEqual({ text: 'deploy slowly' });
    const cut = context.memories.filter(({ memory }) => memory.layer === 'working');
    expect(cut.length).toBeGreaterThan(0);
    for (const { memory, truncated } of cut) {
      expect(truncated).toBe(true);
      expect(memory.content).toEqual({
        text: expect.stringMatching(/^deploy \d+ a+\n\[… cut to fit the context budget\]$/),
      });
      expect(context.memory_block).toContain(memory.content.text);
    }
    expect(context.total_tokens).toBeLessThanOrEqual(8000);
    expect(JSON.stringify(context).length).toBeLessThan(200_000);
  });

  it('reads no more of a session of long messages than the budget takes', async () => {
    const scope = await test.newScope();
    await services.sessions.create(scope, { user_id: 'ana', session_id: 'heavy' });
    for (let index = 0; index < 12; index += 1) {
      const messages = [{ role: 'user' as const, content: `${index} ${'long '.repeat(60_000)}` }];
      await services.sessions.append(scope, { session_id: 'heavy', messages });
    }
    await services.sessions.append(scope, { session_id: 'heavy', messages: [{ role: 'user', content: 'short' }] });
    const read: number[] = [];
    const sessions = new Proxy(services.sessionStore, {
      get(target, name) {
        const member = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          const answer = await member.apply(target, given);
          if (name === 'messages') read.push(answer.length);
          return answer;
        };
      },
    });
    const settings = () => testSettings;
    const { accesses, clock, controls } = services;
    const assembler = new ContextAssembler({
      events: services.sessionStore.outbox,
      database: test.database,
      sessions,
      retriever: new LexicalRetriever(settings),
      accesses,
      controls,
      clock,
      logger: silentLogger,
      settings,
    });
    const context = await assembler.assemble(scope, ask({ session_id: 'heavy', max_tokens: 4000 }));
    expect(read.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(3);
    expect(context.messages.map(({ truncated }) => truncated)).toEqual([true, false]);
    expect(context.left_out_count).toBe(11);
    expect(JSON.stringify(context).length).toBeLessThan(100_000);
  });

  it('looks for what the user said last behind the long answer of a tool', async () => {
    const { scope, session_id } = await filled();
    const content = 'a line of the log '.repeat(20_000);
    await services.sessions.append(scope, { session_id, messages: [{ role: 'tool', content }] });
    const context = await services.context.assemble(scope, ask({ session_id, max_tokens: 2000 }));
    expect(context.query).toBe('When is the deploy window?');
    expect(context.memory_block).toContain('The deploy window is Tuesday');
  });

  it('reads as many short messages as the budget takes', async () => {
    const scope = await test.newScope();
    for (let page = 0; page < 6; page += 1) {
      const messages = Array.from({ length: 500 }, (_, index) => ({
        role: 'user' as const,
        content: `${page * 500 + index}`,
      }));
      await services.sessions.append(scope, { session_id: 'short', user_id: 'ana', messages });
    }
    await services.controls.set(scope, { controls: { max_tokens: 16_000 } });
    const context = await services.context.assemble(scope, ask({ session_id: 'short', max_tokens: 16_000 }));
    expect(context.messages.length).toBeGreaterThan(2500);
    expect(context.total_tokens).toBeGreaterThan(15_000);
    expect(context.messages.at(-1)?.content).toBe('2999');
  });

  it('stays within the budget whatever was said and remembered', async () => {
    const scope = await test.newScope();
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).map((one) => one.replaceAll('\u0000', '') || 'x'),
      fc.integer({ min: 1, max: 6000 }).map((count) => 'lorem ipsum. '.repeat(count)),
      fc.constantFrom('a'.repeat(9000), '😀'.repeat(900), '\n'.repeat(5000), '<|endoftext|>'.repeat(300)),
    );
    const plan = fc.record({
      said: fc.array(text, { maxLength: 6 }),
      happened: fc.array(text, { maxLength: 4 }),
      known: fc.array(text, { maxLength: 4 }),
      max_tokens: fc.integer({ min: 2000, max: 16_000 }),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(plan, async ({ said, happened, known, max_tokens }) => {
        const user_id = `budget-${run++}`;
        const session_id = user_id;
        await services.sessions.create(scope, {
          user_id,
          session_id,
          messages: said.map((content) => ({ role: 'user', content })),
        });
        for (const one of happened)
          await services.working.create(scope, { user_id, memory_type: 'action', content: { text: one } });
        for (const one of known)
          await services.longterm.create(scope, { user_id, memory_type: 'fact', content: { text: one } });
        const context = await services.context.assemble(scope, ask({ user_id, session_id, max_tokens }));
        const block = context.memory_block === '' ? 0 : countTokens(context.memory_block) + MESSAGE_FRAMING_TOKENS;
        const spoken = context.messages.reduce(
          (sum, { content }) => sum + countTokens(content) + MESSAGE_FRAMING_TOKENS,
          0,
        );
        expect(context.total_tokens).toBe(block + spoken);
        expect(context.total_tokens).toBeLessThanOrEqual(max_tokens);
        if (said.length > 0) expect(context.messages.length).toBeGreaterThan(0);
      }),
      { numRuns: 15 },
    );
  });
});
