/** Writes while PostgreSQL or Redis is away, through the HTTP API of a real server: answered for, kept, and brought. */
import { createORPCClient } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, contract, isQueued, requireDone } from '../../../src-contract/index.ts';
import { DataFolder, type RunningServer } from '../../support/cli-process.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { type RedisServer, redisAvailable, startRedis } from '../../support/redis-server.ts';

const PATIENCE = { interval: 100, timeout: 90_000 };
const TIMEOUT = 240_000;

describe.runIf(postgresAvailable && redisAvailable)('writes while a store is away', () => {
  const folder = new DataFolder();
  let postgres: PostgresServer;
  let redis: RedisServer;
  let env: Record<string, string>;
  let server: RunningServer;
  let agent: ArchonClient;

  const serve = async () => {
    server = await folder.serve([], env);
    const { url, token } = folder.serverFile();
    agent = createORPCClient(new OpenAPILink(contract, { url, headers: { authorization: `Bearer ${token}` } }));
  };
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const { url, token } = folder.serverFile();
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  const note = (user_id: string, text: string) => ({
    user_id,
    memory_type: 'conversation' as const,
    content: { text },
  });
  const drained = () =>
    expect
      .poll(async () => {
        const { database, sessions } = await agent.journal.status();
        return database.waiting + sessions.waiting;
      }, PATIENCE)
      .toBe(0);
  const textsOf = async (user_id: string) => {
    const { items } = await agent.working.list({ user_id, sort: 'oldest', limit: 200 });
    return items.map(({ content }) => content.text);
  };

  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis({ appendonly: 'yes' })]);
    env = { ARCHON_DATABASE_URL: await postgres.createDatabase('archon'), ARCHON_REDIS_URL: redis.url };
    await serve();
  }, TIMEOUT);
  afterAll(async () => {
    await folder.remove();
    await Promise.all([postgres?.remove(), redis?.remove()]);
  });

  it('are answered with 202 and an id, and are in PostgreSQL afterwards: in order, once, with one event each', {
    timeout: TIMEOUT,
  }, async () => {
    const before = requireDone(
      await agent.longterm.create({ user_id: 'ada', memory_type: 'fact', content: { text: 'Ada likes tea' } }),
    );
    await postgres.stop('SIGQUIT');
    const first = await post('/api/memory/working', note('ada', 'one'));
    expect(first).toMatchObject({ status: 202, body: { status: 'queued', store: 'database' } });
    const keyed = { 'idempotency-key': 'once only' };
    const second = await post('/api/memory/working', note('ada', 'two'), keyed);
    expect(await post('/api/memory/working', note('ada', 'two'), keyed)).toEqual(second);
    const edited = await agent.working.update({ id: first.body.id, content: { text: 'one, better' } });
    expect(edited).toMatchObject({ status: 'queued', id: first.body.id });
    const successor = await agent.longterm.supersede({ id: before.id, content: { text: 'Ada likes coffee' } });
    expect(successor).toMatchObject({ status: 'queued' });
    const batch = await agent.working.createBatch({ items: [note('ada', 'three'), note('ada', 'four')] });
    expect(batch).toMatchObject({ status: 'queued', ids: [expect.any(String), expect.any(String)] });
    const status = await agent.journal.status();
    expect(status.database).toMatchObject({
      waiting: 5,
      oldest_at: expect.any(String),
      away_since: expect.any(String),
    });
    await postgres.restart();
    await drained();
    expect(await textsOf('ada')).toEqual(['one, better', 'two', 'three', 'four']);
    // The key counts on: the answer is now what was written.
    const again = await post('/api/memory/working', note('ada', 'two'), keyed);
    expect(again).toMatchObject({ status: 201, body: { id: second.body.id, content: { text: 'two' } } });
    const { memory, chain } = await agent.memories.history({ id: successor.id });
    expect(memory.content.text).toBe('Ada likes coffee');
    expect(chain.map(({ id }) => id)).toEqual([before.id, successor.id]);
    const { items: events } = await agent.events.list({ types: ['memory.working.created'], limit: 100 });
    expect(events).toHaveLength(4);
    await expect
      .poll(async () => (await agent.events.list({ types: ['system.journal.drained'] })).items, PATIENCE)
      .toMatchObject([{ payload: { store: 'database', writes: 5 } }]);
  });

  it('outlive a server that is killed with them', { timeout: TIMEOUT }, async () => {
    await postgres.stop('SIGQUIT');
    const texts = Array.from({ length: 50 }, (_, index) => `kept ${index}`);
    for (const text of texts)
      expect(await post('/api/memory/working', note('bea', text))).toMatchObject({ status: 202 });
    await server.stop('SIGKILL');
    await postgres.restart();
    await serve();
    await drained();
    expect(await textsOf('bea')).toEqual(texts);
  });

  it('of sessions wait for Redis likewise, and the context goes without them', { timeout: TIMEOUT }, async () => {
    const { session_id } = requireDone(await agent.sessions.create({ user_id: 'carl', title: 'Trip' }));
    await agent.sessions.append({ session_id, messages: [{ role: 'user', content: 'Where to?' }] });
    await redis.stop('SIGTERM');
    const queued = await post(`/api/memory/session/${session_id}/messages`, {
      messages: [{ role: 'assistant', content: 'To Rome.' }],
    });
    expect(queued).toMatchObject({ status: 202, body: { status: 'queued', id: session_id, store: 'sessions' } });
    const begun = await agent.sessions.create({
      user_id: 'carl',
      title: 'Another',
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect(begun).toMatchObject({ status: 'queued' });
    // Memory does not depend on sessions.
    expect(await post('/api/memory/working', note('carl', 'wants to see Rome'))).toMatchObject({ status: 201 });
    expect(await agent.context.assemble({ user_id: 'carl', session_id })).toMatchObject({ status: 'degraded' });
    await redis.restart();
    await drained();
    const { items } = await agent.sessions.messages({ session_id });
    expect(items.map(({ content }) => content)).toEqual(['Where to?', 'To Rome.']);
    expect(items[1]?.message_id).toBe(queued.body.ids[1]);
    const other = await agent.sessions.get({ session_id: isQueued(begun) ? begun.id : '' });
    expect(other).toMatchObject({ title: 'Another', message_count: 1 });
  });

  it('of a user who is erased do not come back', { timeout: TIMEOUT }, async () => {
    await agent.working.create(note('dora', 'before'));
    await postgres.stop('SIGQUIT');
    await post('/api/memory/working', note('dora', 'while it was away'));
    await postgres.restart();
    await expect
      .poll(async () => (await post('/api/memory/users/dora/erase', { confirm: 'dora' })).status, PATIENCE)
      .toBe(200);
    await drained();
    expect(await textsOf('dora')).toEqual([]);
  });

  it('that turn out impossible are kept aside with the reason, for a person', { timeout: TIMEOUT }, async () => {
    await postgres.stop('SIGQUIT');
    const id = '018f0000-0000-7000-8000-00000000abcd';
    expect(await agent.working.update({ id, tags: ['lost'] })).toMatchObject({ status: 'queued', id });
    await postgres.restart();
    await drained();
    const { items } = await agent.journal.refused({});
    expect(items).toMatchObject([
      { operation: 'working.update', ids: [id], error: { code: 'NOT_FOUND' }, input: { tags: ['lost'] } },
    ]);
    expect(await agent.journal.discard({ id: items[0]?.id ?? '' })).toEqual({ discarded: true });
    expect((await agent.journal.status()).refused).toBe(0);
  });
});
