/** What this process measured in the last five minutes. */
import type { OpsObservation, OpsSignalName } from '../../../src-contract/index.ts';
import type { MetricPeriod } from '../../observability/history/period.ts';
import { type Monitor, observed } from './monitor.ts';
import type { MonitorsDeps } from './monitors.ts';

const SPAN_MS = 300_000;
/** Of fewer the slowest alone is the p95: one request that waited for something would be an alert. */
export const LEAST_REQUESTS = 20;

export function metricsMonitor({ clock, node, sources: { metrics } }: MonitorsDeps): Monitor {
  return {
    monitor: 'metrics',
    title: 'Figures of the last five minutes',
    timeout_ms: 3000,
    looks: [
      {
        signals: [
          'api_latency_p95_ms',
          'api_requests_per_minute',
          'api_error_percent',
          'events_per_minute',
          'event_loop_lag_ms',
          'cpu_percent',
          'process_memory_bytes',
        ],
        ask: async () => {
          const now_ms = clock.now();
          return measured(await metrics.period({ from_ms: now_ms - SPAN_MS, to_ms: now_ms }), node);
        },
      },
    ],
  };
}

/** What was not measured is not told: 0 would be a lie, but for what is counted and did not happen. */
export function measured(recent: MetricPeriod, node: string): OpsObservation[] {
  const { covered_seconds, requests, failed_requests, memory_requests } = recent;
  if (covered_seconds === 0) return [];
  const perMinute = (count: number) => (60 * count) / covered_seconds;
  const all: [OpsSignalName, number | null][] = [
    ['api_latency_p95_ms', memory_requests >= LEAST_REQUESTS ? recent.memory_latency_p95_ms : null],
    ['api_requests_per_minute', perMinute(requests)],
    ['api_error_percent', requests === 0 ? 0 : (100 * failed_requests) / requests],
    ['events_per_minute', perMinute(recent.events)],
    ['event_loop_lag_ms', recent.event_loop_lag_ms],
    ['cpu_percent', recent.cpu_percent],
    ['process_memory_bytes', recent.resident_bytes],
  ];
  return all.flatMap(([signal, value]) => (value === null ? [] : [observed(signal, value, { node })]));
}
