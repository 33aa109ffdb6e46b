/** A server whose PostgreSQL and Redis are real and lie behind a network that fails when told to. */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Breaker, ResilientService } from '../../src-contract/index.ts';
import { type Clock, systemClock } from '../../src-main/clock.ts';
import type { Config } from '../../src-main/settings/config-schema.ts';
import { type Answer, startTestServer, type TestServer } from '../integration/server/support/test-server.ts';
import { type PostgresServer, startPostgres } from './postgres-server.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Seconds within which the server promises an answer. */
const DEADLINE_SECONDS = 8;
/** What an answer is given by the test: the promise, and time for a machine that has other things to do. */
const ANSWER_LIMIT_MS = 90_000;
/** For what comes about by itself, in milliseconds. */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 200;
const USER = 'mira';

export interface FaultWorld {
  server: TestServer;
  postgres: PostgresServer;
  redis: RedisServer;
  proxies: { postgres: TcpProxy; redis: TcpProxy };
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>;
  breaker(service: ResilientService): Breaker;
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/** @param kind `server`: what runs beside the API in a server runs too */
export async function startFaultWorld(
  settings: Partial<Config> = {},
  clock: Clock = systemClock,
  kind?: 'server',
): Promise<FaultWorld> {
  const postgres = await startPostgres({ fsync: 'off' });
  const redis = await startRedis();
  const proxies = { postgres: await TcpProxy.to(postgres.port), redis: await TcpProxy.to(redis.port) };
  const url = new URL(await postgres.createDatabase('faults'));
  url.port = String(proxies.postgres.port);
  const changed: Partial<Config> = {
    'database.url': url.href,
    'redis.url': `redis://127.0.0.1:${proxies.redis.port}`,
    'resilience.deadline_seconds': DEADLINE_SECONDS,
    'resilience.postgres.threshold': 2,
    'resilience.postgres.reset_seconds': 1,
    'resilience.redis.threshold': 2,
    'resilience.redis.reset_seconds': 1,
    ...settings,
  };
  const server = await startTestServer(clock, changed, kind);
  const call = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error(`${method} ${path} hangs`)), ANSWER_LIMIT_MS);
    try {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return await Promise.race([server.call(method, path, sent), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
  await call('POST', '/api/memory/sessions', { session_id: 'talk', user_id: USER });
  const heal = async () => {
    await Promise.all([proxies.postgres.heal(), proxies.redis.heal()]);
  };
  return {
    server,
    postgres,
    redis,
    proxies,
    call,
    heal,
    breaker: (service) => {
      const found = server.engine.services.resilience.states().find(({ name }) => name === service);
      if (!found) throw new Error(`no breaker ${service}`);
      return found;
    },
    stop: async () => {
      await heal();
      await server.stop();
      await Promise.all([proxies.postgres.close(), proxies.redis.close()]);
      await Promise.all([postgres.remove(), redis.remove()]);
    },
  };
}

const memory = { user_id: USER, memory_type: 'action', content: { text: 'Apples were picked.' } };

/** Routes by what they cannot do without; a context does without everything. */
const NEEDS: Record<'postgres' | 'redis' | 'nothing', readonly ['GET' | 'POST', string, object?][]> = {
  postgres: [
    ['POST', '/api/memory/working', memory],
    ['GET', `/api/memory/working?user_id=${USER}`],
    ['POST', '/api/memory/search', { user_id: USER, query: 'apples' }],
    ['GET', '/api/events'],
    ['GET', '/api/workers'],
    ['GET', '/api/events/dead-letters'],
  ],
  redis: [
    ['POST', '/api/memory/session/talk/messages', { user_id: USER, messages: [{ role: 'user', content: 'Hello.' }] }],
    ['GET', '/api/memory/session/talk'],
    ['GET', `/api/memory/sessions?user_id=${USER}`],
  ],
  nothing: [
    ['GET', '/health'],
    ['GET', '/health/deep'],
    ['GET', '/api/resilience/breakers'],
    ['GET', '/api/resilience/history'],
    ['GET', '/api/status'],
    ['POST', '/api/memory/context', { user_id: USER, session_id: 'talk', query: 'apples' }],
  ],
};

export interface Answered {
  what: string;
  needs: keyof typeof NEEDS;
  answer: Answer;
}

/** Asks everything at once; every answer is one: done, or refused in words that say when to come again. */
export async function askEverything(world: FaultWorld): Promise<Answered[]> {
  const asked = Object.entries(NEEDS).flatMap(([needs, routes]) =>
    routes.map(async ([method, path, body]) => ({
      what: `${method} ${path}`,
      needs: needs as keyof typeof NEEDS,
      answer: await world.call(method, path, body),
    })),
  );
  const answered = await Promise.all(asked);
  for (const { what, answer } of answered) {
    const { status, body } = answer;
    if (status < 300) continue;
    expect(status, `${what}: ${JSON.stringify(body)}`).toBe(503);
    expect(body.code, what).toBe('STORAGE_UNAVAILABLE');
    expect(body.message.length, what).toBeGreaterThan(20);
  }
  return answered;
}

export const failed = (answered: readonly Answered[], needs: Answered['needs']): Answered[] =>
  answered.filter((one) => one.needs === needs && one.answer.status >= 300);

/** Repeats until it is so; what fails within fails at once. */
export async function untilSo(isSo: () => Promise<boolean>): Promise<void> {
  const until_ms = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > until_ms) throw new Error('it did not come to be so');
    await pause(PAUSE_MS);
  }
}

/** Waits until everything is answered and both breakers are closed, without anybody doing anything. */
export async function untilWell(world: FaultWorld): Promise<void> {
  await untilSo(async () => {
    const answered = await askEverything(world);
    const isClosed = (['postgres', 'redis'] as const).every((name) => world.breaker(name).state.state === 'closed');
    return isClosed && answered.every(({ answer }) => answer.status < 300);
  });
}
