/** Whatever a network does to PostgreSQL or Redis: every request is answered, the other goes on, and all ends by itself. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  askEverything,
  type FaultWorld,
  failed,
  startFaultWorld,
  untilSo,
  untilWell,
} from '../../support/fault-world.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { redisAvailable } from '../../support/redis-server.ts';
import type { TcpProxy } from '../../support/tcp-proxy.ts';

const FAULTS: Record<string, (proxy: TcpProxy) => Promise<void> | void> = {
  'refuses connections': (proxy) => proxy.refuse(),
  'takes connections and ends them': (proxy) => {
    proxy.mode = 'hang_up';
    proxy.hangUp();
  },
  'takes connections and says nothing': (proxy) => {
    proxy.mode = 'silent';
  },
  'resets connections in the middle of an answer': (proxy) => {
    proxy.mode = 'reset_answers';
  },
};

describe.runIf(postgresAvailable && redisAvailable)('a network', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await startFaultWorld();
    await untilWell(world);
  });
  afterAll(() => world?.stop());
  afterEach(() => world.heal());

  describe.each(['postgres', 'redis'] as const)('to %s', (service) => {
    const other = service === 'postgres' ? 'redis' : 'postgres';

    it.each(Object.keys(FAULTS))('that %s', async (fault) => {
      const { counts } = world.breaker(service);
      await FAULTS[fault]?.(world.proxies[service]);
      await untilSo(async () => {
        const answered = await askEverything(world);
        expect(failed(answered, other)).toEqual([]);
        expect(failed(answered, 'nothing')).toEqual([]);
        return failed(answered, service).length > 0 && world.breaker(service).state.state !== 'closed';
      });
      expect(world.breaker(other).state).toEqual({ state: 'closed', failures: 0 });

      // Now it is known: nobody waits, and everybody is told when to come again.
      const answered = await askEverything(world);
      for (const { what, answer } of failed(answered, service)) {
        expect(Number(answer.headers.get('retry-after')), what).toBeGreaterThan(0);
      }
      expect(world.breaker(service).counts.refused).toBeGreaterThan(counts.refused);
      const { answer } = answered.find(({ what }) => what.endsWith('/context')) ?? {};
      expect(answer?.body.status).toMatch(/^(cached|degraded)$/);
      expect(answer?.body.status_reason.length).toBeGreaterThan(20);

      await world.heal();
      await untilWell(world);
    });

    it('that is slow, or carries little, is not given up', async () => {
      const proxy = world.proxies[service];
      proxy.delay_ms = 100;
      proxy.bytes_per_second = 200_000;
      const answered = await askEverything(world);
      expect(failed(answered, service)).toEqual([]);
      expect(world.breaker(service).state).toEqual({ state: 'closed', failures: 0 });
    });
  });

  it('to both: a context is empty and says so, and all ends by itself', async () => {
    for (const proxy of Object.values(world.proxies)) proxy.mode = 'silent';
    await untilSo(async () => {
      const answered = await askEverything(world);
      expect(failed(answered, 'nothing')).toEqual([]);
      return ![world.breaker('postgres').state.state, world.breaker('redis').state.state].includes('closed');
    });
    const { body } = await world.call('POST', '/api/memory/context', { user_id: 'nobody', session_id: 'none' });
    expect(body).toMatchObject({ status: 'error', messages: [], memories: [] });
    await world.heal();
    await untilWell(world);
  });

  it('leaves a history without gaps, in the log of events as on this computer', async () => {
    const { body: kept } = await world.call('GET', '/api/resilience/history?limit=500&breaker=postgres');
    const changes: { from: string; to: string; at: string; id: string }[] = kept.items.reverse();
    expect(changes.length).toBeGreaterThan(8);
    let state = 'closed';
    for (const { from, to } of changes) {
      expect(from).toBe(state);
      state = to;
    }
    expect(state).toBe('closed');
    const expected = changes.map(({ from, to, at }) => `${at} ${from} ${to}`);
    await untilSo(async () => {
      await world.server.engine.flush();
      const { body } = await world.call('GET', '/api/events?limit=500&types[]=system.breaker.changed&text=postgres');
      const told: { payload: { from: string; to: string; since: string } }[] = body.items.reverse();
      if (told.length < expected.length) return false;
      expect(told.map(({ payload: { since, from, to } }) => `${since} ${from} ${to}`)).toEqual(expected);
      return true;
    });
  });
});
