import { describe, expect, it } from 'vitest';
import { TestClock } from '../../../tests/support/test-clock.ts';
import type { WatchedWorkers } from '../../workers/workers.ts';
import { observed } from './monitor.ts';
import type { MonitorsDeps } from './monitors.ts';
import { workerMonitor } from './worker.ts';

const clock = new TestClock('2026-03-01T12:00:00.000Z');

describe('the monitor of workers', () => {
  it('tells of what failed in the last hour, in a row, of what is late, and of nodes that are lost', async () => {
    const asked: unknown[] = [];
    const watched: WatchedWorkers = {
      nodes_lost: 1,
      workers: [
        {
          name: 'cleanup',
          crashes: 4,
          last_error: 'no room',
          failures_in_a_row: 2,
          due_since: '2026-03-01T11:40:00.000Z',
        },
        // Its time is still to come.
        {
          name: 'retention',
          crashes: 0,
          last_error: null,
          failures_in_a_row: 0,
          due_since: '2026-03-01T13:00:00.000Z',
        },
        { name: 'consolidation', crashes: 0, last_error: null, failures_in_a_row: 0, due_since: null },
      ],
    };
    const workers = {
      watch: async (...given: unknown[]) => {
        asked.push(...given);
        return watched;
      },
    };
    const scope = { org_id: 'a', actor: 'test' };
    const monitor = workerMonitor({ clock, sources: { workers } } as unknown as MonitorsDeps);
    const late = (worker: string, seconds: number) => observed('worker_overdue_seconds', seconds, { worker });
    expect(await monitor.looks[0]?.ask(scope)).toEqual([
      observed('worker_nodes_lost', 1),
      observed('worker_crashes_per_hour', 4, { worker: 'cleanup' }, 'no room'),
      observed('worker_failures_in_a_row', 2, { worker: 'cleanup' }, 'no room'),
      late('cleanup', 1200),
      observed('worker_crashes_per_hour', 0, { worker: 'retention' }),
      observed('worker_failures_in_a_row', 0, { worker: 'retention' }),
      late('retention', 0),
      observed('worker_crashes_per_hour', 0, { worker: 'consolidation' }),
      observed('worker_failures_in_a_row', 0, { worker: 'consolidation' }),
      late('consolidation', 0),
    ]);
    expect(asked).toEqual([scope, { crashed_since: '2026-03-01T11:00:00.000Z' }]);
  });
});
