/** Routes of the workers: what they do, how they are, when they run, and on which nodes. */
import { z } from 'zod';
import { base } from './base.ts';
import { cursor, instant, pageLimit, pageOf, score } from './primitives.ts';

/** Runs told of with each worker, for a sparkline. */
export const RECENT_RUNS = 30;

const cronExpression = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[\w *,/#?+-]+$/, 'must be a cron expression')
  .describe('Five fields (minute, hour, day, month, day of week), or six with seconds first.');
const timeZone = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\w/+-]+$/, 'must be the name of a time zone')
  .describe('Such as Europe/Berlin.');

/** When a worker runs by itself. */
export const workerSchedule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('interval'), seconds: z.int().min(1).max(31_536_000) }),
  z.strictObject({ kind: z.literal('cron'), expression: cronExpression, time_zone: timeZone.default('UTC') }),
  z.strictObject({ kind: z.literal('manual') }),
]);
export type WorkerSchedule = z.infer<typeof workerSchedule>;

/** How a worker is. It is one of these at a time; all of its nodes see the same. */
export const workerState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('idle') }).describe('It runs when somebody asks for it, and at no other time.'),
  z.object({ state: z.literal('scheduled'), next_run_at: instant }),
  z.object({
    state: z.literal('running'),
    since: instant,
    runs: z.int().positive().describe('One for each shard that is at it or waits for a node.'),
  }),
  z.object({
    state: z.literal('paused'),
    since: instant,
    by: z.string(),
    runs: z.int().min(0).describe('Those begun before are ended, and those asked for by hand are made.'),
  }),
  z.object({
    state: z.literal('backing_off'),
    until: instant.describe('Then the run that failed is tried again.'),
    failures: z.int().positive().describe('In a row.'),
    error: z.string(),
  }),
  z.object({
    state: z.literal('crashed'),
    since: instant,
    failures: z.int().positive().describe('In a row.'),
    error: z.string(),
    next_run_at: instant.nullable().describe('Then it is given another chance; a restart gives it one now.'),
  }),
]);
export type WorkerState = z.infer<typeof workerState>;

export const WORKER_RUN_STATUSES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'interrupted',
] as const;

/** One run of a worker: over everything, or over one shard of the users. */
export const workerRunEntry = z.object({
  run_id: z.uuid(),
  worker: z.string(),
  trigger: z.enum(['schedule', 'manual', 'retry']),
  requested_by: z.string().nullable().describe('Who asked for it by hand.'),
  status: z.enum(WORKER_RUN_STATUSES).describe('`interrupted`: its node ended; another run goes on where it was.'),
  shard: z.string().nullable().describe('Which part of the users, as `1/4`; null for a run over everything.'),
  node_id: z.string().nullable(),
  node_name: z.string().nullable(),
  attempt: z.int().positive().describe('Counts what was tried again after a failure.'),
  resumes: z.uuid().nullable().describe('The run it takes up.'),
  queued_at: instant,
  started_at: instant.nullable(),
  ended_at: instant.nullable(),
  duration_ms: z.int().min(0).nullable(),
  items: z.int().min(0).describe('What it looked at.'),
  changed: z.int().min(0).describe('What it changed.'),
  error: z.string().nullable(),
});
export type WorkerRunEntry = z.infer<typeof workerRunEntry>;

export const worker = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  state: workerState,
  schedule: workerSchedule,
  schedule_source: z.enum(['default', 'operator']).describe('`default`: from the configuration.'),
  default_schedule: workerSchedule,
  next_run_at: instant.nullable(),
  last_run: workerRunEntry.nullable().describe('The one that ended last.'),
  recent_runs: z.array(workerRunEntry).describe(`The last ${RECENT_RUNS} that ended, oldest first.`),
  active_runs: z.array(workerRunEntry).describe('Those that run or wait, oldest first.'),
  counts: z
    .object({
      runs: z.int().min(0),
      failures: z.int().min(0).describe('Runs that failed, crashed or took too long.'),
      failures_in_a_row: z.int().min(0),
      crashes: z.int().min(0).describe('Runs that ended with their node, or stood still for too long.'),
    })
    .describe('Since the worker is known to the organisation.'),
  timeout_ms: z.int().positive().describe('A run that makes no progress for so long is cancelled.'),
  nodes: z.array(z.string()).describe('Ids of the live nodes that can run it.'),
});
export type Worker = z.infer<typeof worker>;

export const workerNode = z.object({
  node_id: z.string(),
  name: z.string().describe('Host and process.'),
  kind: z.enum(['server', 'desktop', 'worker']),
  status: z.enum(['live', 'lost']).describe('`lost`: it was not heard of for longer than its lease.'),
  shard: z.string().nullable().describe('The fixed part of the users it was started for, as `1/4`; null: automatic.'),
  share: score.describe('Part of the users that are its own now.'),
  workers: z.array(z.string()),
  running: z.int().min(0).describe('Runs it is at.'),
  started_at: instant,
  heartbeat_at: instant,
});
export type WorkerNode = z.infer<typeof workerNode>;

export const workersHealth = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  checked_at: instant,
  detail: z.string().describe('How they are, or what is wrong and what to do.'),
  nodes: z.object({ live: z.int().min(0), lost: z.int().min(0) }),
  unassigned: score.describe('Part of the users no live node is there for.'),
  workers: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['healthy', 'degraded', 'unhealthy']),
      state: z.enum(['idle', 'scheduled', 'running', 'paused', 'backing_off', 'crashed']),
      detail: z.string(),
    }),
  ),
});
export type WorkersHealth = z.infer<typeof workersHealth>;

const TAGS = ['workers'];
const workerName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z][a-z0-9-]*$/, 'must be the name of a worker')
  .describe('Such as `consolidation`.');
const named = z.strictObject({ worker: workerName });

export const workersContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/workers',
      tags: TAGS,
      summary: 'Every worker, with how it is and its last runs',
    })
    .output(z.object({ items: z.array(worker) })),
  get: base
    .route({ method: 'GET', path: '/api/workers/{worker}', tags: TAGS, summary: 'One worker' })
    .input(named)
    .output(worker),
  runs: base
    .route({ method: 'GET', path: '/api/workers/{worker}/runs', tags: TAGS, summary: 'Its runs, newest first' })
    .input(named.extend({ cursor: cursor.optional(), limit: pageLimit }))
    .output(pageOf(workerRunEntry)),
  runNow: base
    .route({
      method: 'POST',
      path: '/api/workers/{worker}/run',
      tags: TAGS,
      successStatus: 202,
      summary: 'Have it run now, also while it is paused',
      description: 'Answers at once; a worker that is running already is a conflict.',
    })
    .input(named)
    .output(worker),
  pause: base
    .route({
      method: 'POST',
      path: '/api/workers/{worker}/pause',
      tags: TAGS,
      summary: 'No further run by itself until it is resumed; those that run go on to their end',
    })
    .input(named)
    .output(worker),
  resume: base
    .route({ method: 'POST', path: '/api/workers/{worker}/resume', tags: TAGS, summary: 'Back to its schedule' })
    .input(named)
    .output(worker),
  restart: base
    .route({
      method: 'POST',
      path: '/api/workers/{worker}/restart',
      tags: TAGS,
      summary: 'Cancel what it does, forget its failures, and run from the beginning',
    })
    .input(named)
    .output(worker),
  cancel: base
    .route({
      method: 'POST',
      path: '/api/workers/{worker}/cancel',
      tags: TAGS,
      summary: 'Cancel its runs; what they did stays done',
    })
    .input(named)
    .output(worker),
  setSchedule: base
    .route({
      method: 'PUT',
      path: '/api/workers/{worker}/schedule',
      tags: TAGS,
      summary: 'Change when it runs; null goes back to the configuration',
    })
    .input(named.extend({ schedule: workerSchedule.nullable() }))
    .output(worker),
  nodes: base
    .route({ method: 'GET', path: '/api/worker-nodes', tags: TAGS, summary: 'The processes that run workers' })
    .output(z.object({ items: z.array(workerNode) })),
  health: base
    .route({ method: 'GET', path: '/health/workers', tags: ['health'], summary: 'How the workers and their nodes are' })
    .output(workersHealth),
};
