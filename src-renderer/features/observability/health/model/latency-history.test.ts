import { describe, expect, it } from 'vitest';
import { sampleDeepHealth } from '../../../../../tests/support/health-samples.ts';
import { at } from '../../../../../tests/support/worker-samples.ts';
import { type LatencyHistory, READINGS, withReading } from './latency-history.ts';

describe('the history of latencies', () => {
  it('has each answer once, also what was not answered, and not more than it keeps', () => {
    let history: LatencyHistory = {};
    for (let second = 0; second < READINGS + 5; second += 1) {
      const health = sampleDeepHealth({
        sessions: second === READINGS + 4 ? { status: 'unhealthy', latency_ms: null } : { latency_ms: second },
      });
      const reading = { ...health, checked_at: at(second * 1000) };
      history = withReading(withReading(history, reading), reading);
    }
    expect(history.sessions).toHaveLength(READINGS);
    expect(history.sessions?.[0]).toMatchObject({ latency_ms: 5 });
    expect(history.sessions?.at(-1)).toEqual({
      at: at((READINGS + 4) * 1000),
      latency_ms: null,
      status: 'unhealthy',
    });
  });

  it('forgets a component that is not there any more', () => {
    const health = sampleDeepHealth();
    const less = { ...health, checked_at: at(1000), components: health.components.slice(0, 1) };
    expect(Object.keys(withReading(withReading({}, health), less))).toEqual(['database']);
  });
});
