/** Circuit breakers, wherever they come from, as figures and as a component of the health. */
import { describe, expect, it } from 'vitest';
import { TestClock } from '../../tests/support/test-clock.ts';
import type { BreakerReading, BreakerWatch } from './breaker-watch.ts';
import { type CheckSources, engineChecks } from './health/engine-checks.ts';
import { readGauges } from './history/sample-columns.ts';
import { type CollectorSources, engineCollectors } from './metrics/engine-collectors.ts';
import { Metrics } from './metrics/metrics.ts';

const watchOf = (...readings: BreakerReading[]): BreakerWatch => ({ list: () => readings, onTransition: () => {} });

const closed = { service: 'postgres', state: 'closed', reason: null } as const;
const open = { service: 'redis', state: 'open', reason: 'five failures' } as const;

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

  it('make the health degraded while one is not closed, and say which and why', async () => {
    const check = (...readings: BreakerReading[]) => {
      const sources = { breakers: watchOf(...readings), clock: new TestClock() } as unknown as CheckSources;
      return engineChecks(sources).find(({ component }) => component === 'breakers');
    };
    expect(await check(closed)?.ask()).toEqual({ status: 'healthy', detail: '1 closed' });
    expect(await check(closed, open)?.ask()).toEqual({ status: 'degraded', detail: 'redis open (five failures)' });
  });

  it('are no component and no figure where there are none', () => {
    const sources = { breakers: undefined, clock: new TestClock() };
    expect(engineChecks(sources as unknown as CheckSources).some(({ component }) => component === 'breakers')).toBe(
      false,
    );
    expect(engineCollectors(new Metrics('1'), sources as unknown as CollectorSources).breakers).toBeUndefined();
  });
});
