/** Workers that fail or are late, and nodes that are gone. */
import { isoTime } from '../../clock.ts';
import { ageSeconds } from './age.ts';
import { type Monitor, observed } from './monitor.ts';
import type { MonitorsDeps } from './monitors.ts';

const HOUR_MS = 3_600_000;

export function workerMonitor({ clock, sources: { workers } }: MonitorsDeps): Monitor {
  return {
    monitor: 'worker',
    title: 'Workers',
    timeout_ms: 5000,
    looks: [
      {
        signals: ['worker_crashes_per_hour', 'worker_failures_in_a_row', 'worker_overdue_seconds', 'worker_nodes_lost'],
        ask: async (scope) => {
          const crashed_since = isoTime(clock.now() - HOUR_MS);
          const watched = await workers.watch(scope, { crashed_since });
          return [
            observed('worker_nodes_lost', watched.nodes_lost),
            ...watched.workers.flatMap(({ name: worker, crashes, last_error, failures_in_a_row, due_since }) => [
              observed('worker_crashes_per_hour', crashes, { worker }, last_error),
              observed('worker_failures_in_a_row', failures_in_a_row, { worker }, last_error),
              observed('worker_overdue_seconds', ageSeconds(due_since, clock), { worker }),
            ]),
          ];
        },
      },
    ],
  };
}
