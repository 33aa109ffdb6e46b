import { describe, expect, it } from 'vitest';
import type { MetricPeriod } from '../../observability/history/period.ts';
import { measured } from './metrics.ts';

const period = (given: Partial<MetricPeriod> = {}): MetricPeriod => ({
  covered_seconds: 300,
  requests: 0,
  failed_requests: 0,
  latency_mean_ms: null,
  latency_p95_ms: null,
  memory_requests: 0,
  memory_latency_p95_ms: null,
  events: 0,
  event_loop_lag_ms: null,
  cpu_percent: null,
  resident_bytes: null,
  ...given,
});

const told = (given: Partial<MetricPeriod>) =>
  Object.fromEntries(measured(period(given), 'here').map(({ signal, value }) => [signal, value]));

describe('the monitor of metrics', () => {
  const all = {
    requests: 500,
    failed_requests: 20,
    latency_p95_ms: 3,
    memory_requests: 60,
    memory_latency_p95_ms: 250,
    events: 60,
    event_loop_lag_ms: 80,
    cpu_percent: 150,
    resident_bytes: 4096,
  };

  it('tells what was measured, of this node; of latencies those that agents wait for', () => {
    expect(told(all)).toEqual({
      api_latency_p95_ms: 250,
      api_requests_per_minute: 100,
      api_error_percent: 4,
      events_per_minute: 12,
      event_loop_lag_ms: 80,
      cpu_percent: 150,
      process_memory_bytes: 4096,
    });
    expect(measured(period(all), 'here').map(({ labels }) => labels)).toEqual(Array(7).fill({ node: 'here' }));
  });

  it('tells of no latency where too few requests say little, however many pages ask', () => {
    expect(told({ ...all, memory_requests: 19 })).not.toHaveProperty('api_latency_p95_ms');
    expect(told({ ...all, memory_requests: 20 })).toHaveProperty('api_latency_p95_ms');
  });

  it('tells of rates that nothing happened', () => {
    expect(told({})).toEqual({ api_requests_per_minute: 0, api_error_percent: 0, events_per_minute: 0 });
  });

  it('tells nothing of a time in which nothing was measured', () => {
    expect(told({ covered_seconds: 0, resident_bytes: 1 })).toEqual({});
  });
});
