/** From the outbox of sessions into the event log: nothing lost, nothing twice, in order, whatever is killed or away. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { migrationsFolder } from '../../../src-main/app-files.ts';
import { SessionEventDrain } from '../../../src-main/events/session-event-drain.ts';
import { Organisations } from '../../../src-main/identity/organisations.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { Database } from '../../../src-main/storage/database.ts';
import { migrate, readMigrations } from '../../../src-main/storage/migrator.ts';
import { RedisSessionStore } from '../../../src-main/storage/sessions/redis-session-store.ts';
import type { SessionOutbox } from '../../../src-main/storage/sessions/session-outbox.ts';
import { SqliteSessionStore } from '../../../src-main/storage/sessions/sqlite-session-store.ts';
import { childEnvironment } from '../../support/child-environment.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { type RedisServer, redisAvailable, startRedis } from '../../support/redis-server.ts';
import {
  APPEND_SCOPE,
  connectRedis,
  newScope,
  REDIS_PREFIX,
  SESSION_MIGRATIONS,
  sessionRecord,
  testMessage,
} from '../../support/session-backends.ts';
import type { SessionWriterOptions } from '../../support/session-writer.ts';
import { silentLogger } from '../../support/test-databases.ts';

const WRITER = fileURLToPath(new URL('../../support/session-writer.ts', import.meta.url));
/** Kills per store; `ARCHON_KILL_ROUNDS=50` for the long form. */
const ROUNDS = Number(process.env.ARCHON_KILL_ROUNDS ?? 10);
const SESSIONS = 3;

const KINDS = [
  { name: 'SQLite', available: postgresAvailable },
  { name: 'Redis', available: postgresAvailable && redisAvailable },
];

interface Logged {
  type: string;
  actor: string;
  payload: { session_id: string; message_ids?: string[]; count?: number };
}

describe.each(KINDS)('events of sessions in $name', ({ name, available }) => {
  if (!available) {
    it.skip('needs PostgreSQL and redis-server');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'archon-drain-'));
  let postgres: PostgresServer;
  let redis: RedisServer | undefined;
  let database_url: string;
  let database: Database;
  let outbox: Pick<SessionWriterOptions, 'redis_url' | 'sqlite_file'>;
  const closers: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: 'off' });
    database_url = await postgres.createDatabase('archon');
    database = new Database({
      pool: { connectionString: database_url },
      logger: silentLogger,
      statement_timeout_ms: 0,
    });
    await migrate(database, readMigrations(migrationsFolder));
    await new Organisations(database).ensure(APPEND_SCOPE);
    if (name === 'Redis') redis = await startRedis();
    outbox = redis ? { redis_url: redis.url } : { sqlite_file: join(folder, 'sessions.db') };
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await database?.close();
    await postgres?.remove();
    await redis?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const openStore = () => {
    const store = outbox.redis_url
      ? new RedisSessionStore(connectRedis({ 'redis.url': outbox.redis_url }), REDIS_PREFIX)
      : new SqliteSessionStore(outbox.sqlite_file ?? '', SESSION_MIGRATIONS);
    closers.push(() => store.close());
    return store;
  };
  const startDrain = (box: SessionOutbox, logger = silentLogger, into = database) => {
    const tuning = { retry: [20, 50] as const, gather: 1, look: 50, busy: 10 };
    const drain = new SessionEventDrain({ outbox: box, database: into, logger, tuning });
    drain.start();
    closers.push(() => drain.stop());
    return drain;
  };
  const logged = (scope: Scope): Promise<Logged[]> =>
    database.withScope(scope, (tx) => tx.sql('SELECT type, actor, payload FROM archon_events ORDER BY id'));
  const emptied = async (box: SessionOutbox) =>
    await expect.poll(async () => (await box.waiting()).events, { timeout: 60_000 }).toBe(0);

  it(`are all in the log, once and in order, after ${ROUNDS} kills`, {
    timeout: 60_000 + ROUNDS * 10_000,
  }, async () => {
    const acknowledged = new Map<string, string[]>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const writer = await startWriter({ ...outbox, database_url, prefix: `${round}-`, sessions: SESSIONS });
      const wanted = 5 + Math.floor(Math.random() * 200);
      let seen = 0;
      for await (const line of writer.lines) {
        const [session_id = '', message_id = ''] = line.split(' ');
        acknowledged.set(session_id, [...(acknowledged.get(session_id) ?? []), message_id]);
        seen += 1;
        // What was printed before the end is still read.
        if (seen === wanted) writer.child.kill('SIGKILL');
      }
      await expect.poll(() => writer.child.signalCode).toBe('SIGKILL');
    }
    const store = openStore();
    startDrain(store.outbox);
    await emptied(store.outbox);
    const events = await logged(APPEND_SCOPE);
    let messages = 0;
    for (let n = 0; n < SESSIONS; n += 1) {
      const session_id = `session-${n}`;
      const own = events.filter(({ payload }) => payload.session_id === session_id);
      expect(own.map(({ type }) => type)).toEqual([
        'memory.session.created',
        ...own.slice(1).map(() => 'memory.message.added'),
      ]);
      const told = own.flatMap(({ payload }) => payload.message_ids ?? []);
      const stored = await store.messages(
        APPEND_SCOPE,
        session_id,
        { order: 'oldest_first', limit: 1_000_000 },
        Date.now(),
      );
      // Not only what was acknowledged: what the store holds, nothing else, in the order of the session.
      expect(told).toEqual(stored?.map(({ message }) => message.message_id));
      expect(told).toEqual(expect.arrayContaining(acknowledged.get(session_id) ?? []));
      messages += told.length;
    }
    console.log(`${name}: ${ROUNDS} kills, ${messages} appends told of, 0 lost, 0 twice`);
    expect(messages).toBeGreaterThan(ROUNDS);
  });

  it('wait while PostgreSQL is away, and are all there afterwards', { timeout: 60_000 }, async () => {
    const scope = newScope();
    const lines: string[] = [];
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const store = openStore();
    const drain = startDrain(store.outbox, logger);
    const begin = sessionRecord(Date.now());
    await store.append(scope, 's', [testMessage(1)], Date.now(), { begin });
    await emptied(store.outbox);
    await postgres.stop('SIGQUIT');
    for (let n = 2; n <= 700; n += 1) await store.append(scope, 's', [testMessage(n)], Date.now(), { begin });
    await expect.poll(() => lines.join()).toContain('wait in their store');
    await drain.flush();
    expect((await store.outbox.waiting()).events).toBe(699);
    await postgres.restart();
    await emptied(store.outbox);
    const told = (await logged(scope)).flatMap(({ payload }) => payload.message_ids ?? []);
    expect(told).toEqual(Array.from({ length: 700 }, (_, n) => `message-${n + 1}`));
    await expect.poll(() => lines.join()).toContain('recorded again');
    expect(lines.filter((line) => line.includes('wait in their store'))).toHaveLength(1);
  });

  it('are once in the log when several nodes bring them', { timeout: 60_000 }, async () => {
    const scope = newScope();
    const store = openStore();
    const begin = sessionRecord(Date.now());
    const drains = [openStore(), openStore(), store].map(({ outbox: box }) => startDrain(box));
    for (let n = 1; n <= 300; n += 1) await store.append(scope, 's', [testMessage(n)], Date.now(), { begin });
    for (const drain of drains) await drain.flush();
    await emptied(store.outbox);
    const told = (await logged(scope)).flatMap(({ payload }) => payload.message_ids ?? []);
    expect(told).toEqual(Array.from({ length: 300 }, (_, n) => `message-${n + 1}`));
  });

  it('that the database refuses do not hold up the others, and are counted', async () => {
    const scope = newScope();
    const store = openStore();
    const begin = sessionRecord(Date.now());
    // What no column of PostgreSQL can hold, as a fault of ours would let in.
    await store.append(scope, 's', [testMessage(1, { message_id: 'a\u0000b' })], Date.now(), { begin });
    await store.append(scope, 's', [testMessage(2)], Date.now(), { begin });
    startDrain(store.outbox);
    await emptied(store.outbox);
    expect((await logged(scope)).map(({ type, payload }) => [type, payload.message_ids ?? payload.count])).toEqual([
      ['memory.session.created', undefined],
      ['system.events.dropped', 1],
      ['memory.message.added', ['message-2']],
    ]);
  });

  it('are brought before a stop ends', async () => {
    const scope = newScope();
    const store = openStore();
    const drain = startDrain(store.outbox);
    await store.append(scope, 's', [testMessage(1)], Date.now(), { begin: sessionRecord(Date.now()) });
    await drain.stop();
    expect(await logged(scope)).toHaveLength(2);
  });
});

async function startWriter(
  options: SessionWriterOptions,
): Promise<{ child: ChildProcess; lines: AsyncIterable<string> }> {
  const child = spawn(process.execPath, [WRITER, JSON.stringify(options)], {
    env: childEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const iterator = lines[Symbol.asyncIterator]();
  const { value } = await iterator.next();
  if (value !== 'ready') {
    if (child.exitCode === null) await once(child, 'exit');
    throw new Error(`the writer did not start: ${value ?? child.exitCode}`);
  }
  return { child, lines: { [Symbol.asyncIterator]: () => iterator } };
}
