/** Services that come and go: what was acknowledged is there afterwards, and everything goes on by itself. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askEverything, type FaultWorld, startFaultWorld, untilSo, untilWell } from '../../support/fault-world.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { redisAvailable } from '../../support/redis-server.ts';
import { TestClock } from '../../support/test-clock.ts';

const LOCAL = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };
const FLAP_MS = 2000;

describe.runIf(postgresAvailable && redisAvailable)('a server', () => {
  const clock = new TestClock();
  let world: FaultWorld;
  beforeAll(async () => {
    // What is said on one day is still there two days later.
    world = await startFaultWorld({ 'database.pool_size': 3, 'memory.session_ttl_minutes': 30 * 24 * 60 }, clock);
    await untilWell(world);
  });
  afterAll(() => world?.stop());
  afterEach(() => world.heal());

  interface Written {
    session_id: string;
    memories: string[];
    messages: string[];
    /** Taken while the store was away. */
    queued: number;
  }

  /** Writes until told to end; what was acknowledged. */
  async function writeWhile(goesOn: () => boolean): Promise<Written> {
    const session_id = randomUUID();
    const written: Written = { session_id, memories: [], messages: [], queued: 0 };
    for (let i = 0; goesOn(); i += 1) {
      const [memory, appended] = await Promise.all([
        world.call('POST', '/api/memory/working', {
          user_id: session_id,
          memory_type: 'action',
          content: { text: `Number ${i} was written.` },
        }),
        world.call('POST', `/api/memory/session/${session_id}/messages`, {
          user_id: session_id,
          messages: [{ message_id: `m${i}`, role: 'user', content: `Number ${i}.` }],
        }),
      ]);
      for (const { status, body } of [memory, appended]) {
        expect([200, 201, 202, 503], JSON.stringify(body)).toContain(status);
        if (status === 202) written.queued += 1;
      }
      if (memory.status < 300) written.memories.push(memory.body.id);
      if (appended.status < 300) written.messages.push(`m${i}`);
    }
    return written;
  }

  async function everyPage<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await world.call('GET', `${path}&limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`);
      items.push(...body.items);
      cursor = body.next_cursor;
    }
    return items;
  }

  async function expectKept({ session_id, memories, messages }: Written): Promise<void> {
    await untilSo(async () => {
      const { database, sessions, refused } = (await world.call('GET', '/api/journal')).body;
      expect(refused).toBe(0);
      return database.waiting + sessions.waiting === 0;
    });
    const stored = await everyPage<{ id: string }>(`/api/memory/working?user_id=${session_id}`);
    const said = await everyPage<{ message_id: string }>(
      `/api/memory/session/${session_id}/messages?order=oldest_first`,
    );
    const kept = stored.map(({ id }) => id);
    expect(memories.filter((id) => !kept.includes(id))).toEqual([]);
    expect(new Set(kept).size).toBe(kept.length);
    // Every one of them, once, and in the order of their answers, whatever else was said between them.
    const acknowledged = new Set(messages);
    expect(said.map(({ message_id }) => message_id).filter((id) => acknowledged.has(id))).toEqual(messages);
  }

  it.each(['postgres', 'redis'] as const)('%s that comes and goes every 2 s loses nothing it took', async (service) => {
    const proxy = world.proxies[service];
    let flips = 0;
    const flapping = setInterval(() => {
      flips += 1;
      void (flips % 2 === 1 ? proxy.refuse() : proxy.heal());
    }, FLAP_MS);
    const written = await writeWhile(() => flips < 6);
    clearInterval(flapping);
    await world.heal();
    await untilWell(world);
    expect(written.queued).toBeGreaterThan(0);
    expect(written.memories.length).toBeGreaterThan(0);
    expect(written.messages.length).toBeGreaterThan(0);
    await expectKept(written);
  });

  it('PostgreSQL that is restarted, in order or by a crash, is used again', async () => {
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
      let isBack = false;
      const writing = writeWhile(() => !isBack);
      await world.postgres.stop(signal);
      await untilSo(async () => (await world.call('GET', '/api/events')).status === 503);
      await world.postgres.restart();
      await untilWell(world);
      isBack = true;
      const written = await writing;
      expect(written.queued).toBeGreaterThan(0);
      await expectKept(written);
    }
  });

  it('whose connections are all in use says that it is busy, does not call PostgreSQL away, and goes on', async () => {
    const { database } = world.server.engine;
    const free = Promise.withResolvers<void>();
    const held = Array.from({ length: 3 }, () =>
      database.withScope(LOCAL, async (tx) => {
        await tx.sql('SELECT 1');
        await free.promise;
      }),
    );
    const { status, body } = await world.call('GET', '/api/events');
    expect(status).toBe(503);
    expect(body).toMatchObject({ code: 'STORAGE_UNAVAILABLE', message: expect.stringContaining('PostgreSQL is busy') });
    expect((await world.call('GET', '/api/memory/session/talk')).status).toBe(200);
    expect(world.breaker('postgres').state).toEqual({ state: 'closed', failures: 0 });
    free.resolve();
    await Promise.all(held);
    await untilWell(world);
  });

  it.each([
    ['back a day', -1],
    ['forward two', 2],
  ])(
    'whose clock is put %s while both stores are away finds them again, and loses nothing it took',
    async (_, days) => {
      let isBack = false;
      const writing = writeWhile(() => !isBack);
      for (const proxy of Object.values(world.proxies)) await proxy.refuse();
      const states = () => (['postgres', 'redis'] as const).map((name) => world.breaker(name).state.state);
      await untilSo(async () => {
        await askEverything(world);
        return !states().includes('closed');
      });
      clock.advance({ days });
      await askEverything(world);
      await world.heal();
      await untilSo(async () => states().every((state) => state === 'closed'));
      isBack = true;
      const written = await writing;
      expect(written.queued).toBeGreaterThan(0);
      await expectKept(written);
    },
  );
});
