import { describe, expect, it } from 'vitest';
import type { MetricSeriesName } from '../../../src-contract/index.ts';
import type { LineValue } from '../../observability/history/sample-columns.ts';
import { measured } from './metrics.ts';

const recent = (lines: Record<string, LineValue>, covered_seconds = 300) => ({
  covered_seconds,
  line: (series: MetricSeriesName, line: string) => lines[`${series} ${line}`],
});

const told = (lines: Record<string, LineValue>, covered_seconds?: number) =>
  Object.fromEntries(measured(recent(lines, covered_seconds), 'here').map(({ signal, value }) => [signal, value]));

describe('the monitor of metrics', () => {
  it('tells what was measured, in the units of the signals, of this node', () => {
    const lines = {
      'api_latency p95': { value: 0.25 },
      'api_requests success': { value: 90 },
      'api_requests client_error': { value: 6 },
      'api_requests server_error': { value: 4 },
      'events published': { value: 12 },
      'event_loop_lag p99': { value: 0.01, min: 0.005, max: 0.08 },
      'cpu process': { value: 1.5 },
      'memory resident': { value: 4096 },
    };
    expect(told(lines)).toEqual({
      api_latency_p95_ms: 250,
      api_requests_per_minute: 100,
      api_error_percent: 4,
      events_per_minute: 12,
      event_loop_lag_ms: 80,
      cpu_percent: 150,
      process_memory_bytes: 4096,
    });
    expect(measured(recent(lines), 'here').map(({ labels }) => labels)).toEqual(Array(7).fill({ node: 'here' }));
  });

  it('tells of rates that nothing happened, and of no latency that was not measured', () => {
    const lines = { 'api_latency p95': { value: null }, 'api_requests success': { value: 0 } };
    expect(told(lines)).toEqual({ api_requests_per_minute: 0, api_error_percent: 0, events_per_minute: 0 });
  });

  it('tells nothing of a time in which nothing was measured', () => {
    expect(told({ 'memory resident': { value: 1 } }, 0)).toEqual({});
  });
});
