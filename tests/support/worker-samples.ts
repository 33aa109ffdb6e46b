/** Workers, runs and nodes as the API tells of them, made up for tests. */
import type { Worker, WorkerNode, WorkerRunEntry, WorkersHealth } from '../../src-contract/index.ts';

const MINUTE_MS = 60_000;
/** When everything in the samples is, unless a test says otherwise. */
export const SAMPLE_NOW_MS = Date.parse('2026-03-10T10:00:00.000Z');

export const at = (offset_ms: number): string => new Date(SAMPLE_NOW_MS + offset_ms).toISOString();

const uuid = (index: number): string => `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;

export function sampleRun(index: number, given: Partial<WorkerRunEntry> = {}): WorkerRunEntry {
  return {
    run_id: uuid(index),
    worker: 'consolidation',
    trigger: 'schedule',
    requested_by: null,
    status: 'succeeded',
    shard: null,
    node_id: uuid(1),
    node_name: 'host:1',
    attempt: 1,
    resumes: null,
    queued_at: at(-index * MINUTE_MS),
    started_at: at(-index * MINUTE_MS),
    ended_at: at(-index * MINUTE_MS + 1000),
    duration_ms: 1000,
    items: 10,
    changed: 2,
    error: null,
    ...given,
  };
}

export const activeRun = (index: number, given: Partial<WorkerRunEntry> = {}): WorkerRunEntry =>
  sampleRun(index, { status: 'running', ended_at: null, duration_ms: null, ...given });

export function sampleWorker(given: Partial<Worker> = {}): Worker {
  const schedule = { kind: 'interval', seconds: 900 } as const;
  return {
    name: 'consolidation',
    title: 'Consolidation',
    description: 'Makes long-term memories of what proved worth it.',
    state: { state: 'scheduled', next_run_at: at(4 * MINUTE_MS) },
    schedule,
    schedule_source: 'default',
    default_schedule: schedule,
    next_run_at: at(4 * MINUTE_MS),
    last_run: null,
    recent_runs: [],
    active_runs: [],
    counts: { runs: 0, failures: 0, failures_in_a_row: 0, crashes: 0 },
    timeout_ms: 600_000,
    nodes: [uuid(1)],
    ...given,
  };
}

export function sampleNode(index: number, given: Partial<WorkerNode> = {}): WorkerNode {
  return {
    node_id: uuid(index),
    name: `host:${index}`,
    kind: 'worker',
    status: 'live',
    shard: null,
    share: 1,
    workers: ['consolidation'],
    running: 0,
    started_at: at(-3_600_000),
    heartbeat_at: at(-2000),
    ...given,
  };
}

/** The health that goes with these workers. */
export function sampleHealth(workers: readonly Worker[], given: Partial<WorkersHealth> = {}): WorkersHealth {
  const each = workers.map(({ name, state: { state } }) => ({
    name,
    status:
      state === 'crashed'
        ? ('unhealthy' as const)
        : state === 'backing_off'
          ? ('degraded' as const)
          : ('healthy' as const),
    state,
    detail: 'It is as it is.',
  }));
  const worst = (['unhealthy', 'degraded'] as const).find((status) => each.some((one) => one.status === status));
  return {
    status: worst ?? 'healthy',
    checked_at: at(0),
    detail: `${workers.length} workers on 1 node.`,
    nodes: { live: 1, lost: 0 },
    unassigned: 0,
    workers: each,
    ...given,
  };
}
