/** Circuit breakers, wherever they come from, as figures and as a component of the health. */
import { describe, expect, it } from 'vitest';
import type { Breaker } from '../../src-contract/index.ts';
import { TestClock } from '../../tests/support/test-clock.ts';
import { type BreakerReading, type BreakerWatch, watchBreakers } from './breaker-watch.ts';
import { type CheckSources, engineChecks } from './health/engine-checks.ts';
import { readGauges } from './history/sample-columns.ts';
import { type CollectorSources, engineCollectors } from './metrics/engine-collectors.ts';
import { Metrics } from './metrics/metrics.ts';

const watchOf = (...readings: BreakerReading[]): BreakerWatch => ({ list: () => readings, onTransition: () => {} });

const closed = { name: 'postgres', service: 'postgres', state: 'closed', reason: null } as const;
const open = { name: 'redis', service: 'redis', state: 'open', reason: 'five failures' } as const;

describe('circuit breakers', () => {
  it('are told of as figures: 1 for the state one is in', async () => {
    const metrics = new Metrics('1');
    const sources = { breakers: watchOf(closed, open) } as unknown as CollectorSources;
    await engineCollectors(metrics, sources).breakers?.();
    const text = await metrics.text();
    expect(text).toContain('archon_breaker_state{service="redis",state="open"} 1');
    expect(text).toContain('archon_breaker_state{service="postgres",state="open"} 0');
    const gauges = await readGauges(metrics);
    expect([gauges.get('breaker.postgres'), gauges.get('breaker.redis'), gauges.get('breaker.llm')]).toEqual([
      0,
      2,
      undefined,
    ]);
  });

  it('before webhooks are one figure, of the worst of them', async () => {
    const metrics = new Metrics('1');
    const of = (name: string, state: BreakerReading['state']) =>
      ({ name, service: 'webhook', state, reason: null }) as const;
    const readings = [of('webhook:a', 'closed'), of('webhook:b', 'open'), of('webhook:c', 'half_open')];
    const breakers = { list: () => readings, onTransition: () => {} };
    const collect = engineCollectors(metrics, { breakers } as unknown as CollectorSources).breakers;
    await collect?.();
    expect((await readGauges(metrics)).get('breaker.webhook')).toBe(2);
    readings.splice(0);
    await collect?.();
    expect(await metrics.read('archon_breaker_state')).toEqual([]);
  });

  it('are those of the services in use and those of webhooks, whose receivers are not told of', () => {
    const away = {
      state: 'open',
      error: 'no answer from receiver.example',
      since: '2026-03-01T12:00:00.000Z',
      until: '2026-03-01T12:01:00.000Z',
    } as const;
    const breaker = (service: Breaker['service'], in_use: boolean) =>
      ({ name: service, service, in_use, state: { state: 'closed', failures: 0 } }) as Breaker;
    const watch = watchBreakers({
      states: () => [breaker('postgres', true), breaker('redis', false), breaker('webhook', true)],
      webhooks: { all: () => [{ state: away }] },
      onTransition: () => () => {},
    });
    expect(watch.list()).toEqual([
      { name: 'postgres', service: 'postgres', state: 'closed', reason: null },
      { name: 'webhook', service: 'webhook', state: 'closed', reason: null },
      { name: 'webhook', service: 'webhook', state: 'open', reason: null },
    ]);
  });

  it('make the health degraded while one is not closed, and say which and why', async () => {
    const check = (...readings: BreakerReading[]) => {
      const sources = { breakers: watchOf(...readings), clock: new TestClock() } as unknown as CheckSources;
      return engineChecks(sources).find(({ component }) => component === 'breakers');
    };
    expect(await check(closed)?.ask()).toEqual({ status: 'healthy', detail: '1 closed' });
    expect(await check(closed, open)?.ask()).toEqual({ status: 'degraded', detail: 'redis open (five failures)' });
    const webhook = { ...open, name: 'webhook', service: 'webhook' } as const;
    expect(await check(closed, webhook)?.ask()).toEqual({ status: 'healthy', detail: '1 closed' });
  });
});
