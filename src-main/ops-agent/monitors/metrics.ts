/** What this process measured in the last five minutes. */
import { API_OUTCOMES, type OpsObservation } from '../../../src-contract/index.ts';
import type { RecentMetrics } from '../../observability/history/metric-history.ts';
import { type Monitor, observed } from './monitor.ts';
import type { MonitorsDeps } from './monitors.ts';

const SPAN_SECONDS = 300;

export function metricsMonitor({ node, sources: { metrics } }: MonitorsDeps): Monitor {
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
        ask: async () => measured(await metrics.recent(SPAN_SECONDS), node),
      },
    ],
  };
}

/** What was not measured is not told: 0 would be a lie, but for what is counted and did not happen. */
export function measured(recent: RecentMetrics, node: string): OpsObservation[] {
  if (recent.covered_seconds === 0) return [];
  const value = (...line: Parameters<RecentMetrics['line']>) => recent.line(...line)?.value ?? undefined;
  const outcomes = API_OUTCOMES.map((outcome) => value('api_requests', outcome) ?? 0);
  const requests = outcomes.reduce((sum, each) => sum + each, 0);
  const failed = value('api_requests', 'server_error') ?? 0;
  const p95_s = value('api_latency', 'p95');
  // Of every ten seconds the p99, and of these the longest.
  const lag_s = recent.line('event_loop_lag', 'p99')?.max ?? undefined;
  const cpu = value('cpu', 'process');
  const resident = value('memory', 'resident');
  const all: [Parameters<typeof observed>[0], number | undefined][] = [
    ['api_latency_p95_ms', p95_s === undefined ? undefined : p95_s * 1000],
    ['api_requests_per_minute', requests],
    ['api_error_percent', requests === 0 ? 0 : (100 * failed) / requests],
    ['events_per_minute', value('events', 'published') ?? 0],
    ['event_loop_lag_ms', lag_s === undefined ? undefined : lag_s * 1000],
    ['cpu_percent', cpu === undefined ? undefined : cpu * 100],
    ['process_memory_bytes', resident],
  ];
  return all.flatMap(([signal, number]) => (number === undefined ? [] : [observed(signal, number, { node })]));
}
