/** What the ops agent observes: every signal defined once. Rules, reports and the page are made from it. */
import { z } from 'zod';
import { storableText } from './primitives.ts';

/** What observes, one file each in the engine. */
export const OPS_MONITORS = ['health', 'metrics', 'dlq', 'worker', 'resources'] as const;
export const opsMonitor = z.enum(OPS_MONITORS);
export type OpsMonitor = z.infer<typeof opsMonitor>;

/** What the number of a signal means. `level`: 0 healthy, 1 degraded, 2 unhealthy. */
export const OPS_UNITS = ['level', 'count', 'seconds', 'ms', 'percent', 'bytes', 'per_minute', 'per_hour'] as const;
export type OpsUnit = (typeof OPS_UNITS)[number];

interface SignalDefinition {
  monitor: OpsMonitor;
  title: string;
  description: string;
  unit: OpsUnit;
  /** What tells the series of a signal apart. `node` is the process that observed it. */
  labels: readonly string[];
  /**
   * Of what it is: `node`, each process sees its own and tells the others; `cluster`, the same from wherever it is asked;
   * `organisation`, of one organisation alone. Only the last are observed for organisations other than the person's at
   * this computer, which is the operator of the whole.
   */
  of: 'node' | 'cluster' | 'organisation';
}

export const OPS_SIGNALS = {
  component_status: {
    monitor: 'health',
    title: 'Status of a component',
    description: 'How a component is, as its health check says.',
    unit: 'level',
    labels: ['component', 'node'],
    of: 'node',
  },
  breaker_open_seconds: {
    monitor: 'health',
    title: 'Circuit breaker open for',
    description:
      'How long a circuit breaker has been open, through all trials that failed; 0 while it is closed. One that a person isolated counts as closed. Of webhooks there are those of the organisation.',
    unit: 'seconds',
    labels: ['breaker', 'node'],
    of: 'node',
  },
  event_lag_seconds: {
    monitor: 'health',
    title: 'Age of the oldest event that waits',
    description:
      'How long the oldest event has waited for its subscriber, in the log or in the queue; 0 when none waits.',
    unit: 'seconds',
    labels: [],
    of: 'organisation',
  },
  session_outbox_lag_seconds: {
    monitor: 'health',
    title: 'Age of the oldest event of a session',
    description: 'How long the oldest event of a session has waited for the event log; 0 when none waits.',
    unit: 'seconds',
    labels: [],
    of: 'cluster',
  },
  journal_writes: {
    monitor: 'health',
    title: 'Writes in the journal',
    description: 'Writes that wait on the disk because their store is away.',
    unit: 'count',
    labels: ['node'],
    of: 'node',
  },
  journal_growth: {
    monitor: 'health',
    title: 'Growth of the journal',
    description: 'Writes that came into the journal in the last five minutes, less those that left it.',
    unit: 'count',
    labels: ['node'],
    of: 'node',
  },
  backup_age_seconds: {
    monitor: 'health',
    title: 'Age of the newest backup',
    description:
      'Time since the embedded database was last backed up, or was made; nothing where no backups are made by themselves.',
    unit: 'seconds',
    labels: ['node'],
    of: 'node',
  },
  api_latency_p95_ms: {
    monitor: 'metrics',
    title: 'Slow answers (p95)',
    description:
      'The time within which 95 of 100 requests for memories, sessions, contexts and searches of the last five minutes were answered; nothing where there were fewer than 20.',
    unit: 'ms',
    labels: ['node'],
    of: 'node',
  },
  api_requests_per_minute: {
    monitor: 'metrics',
    title: 'Requests',
    description: 'Requests of the last five minutes.',
    unit: 'per_minute',
    labels: ['node'],
    of: 'node',
  },
  api_error_percent: {
    monitor: 'metrics',
    title: 'Failed requests',
    description: 'Part of the requests of the last five minutes that Archon failed (5xx).',
    unit: 'percent',
    labels: ['node'],
    of: 'node',
  },
  events_per_minute: {
    monitor: 'metrics',
    title: 'Events written',
    description: 'Events written to the log in the last five minutes.',
    unit: 'per_minute',
    labels: ['node'],
    of: 'node',
  },
  event_loop_lag_ms: {
    monitor: 'metrics',
    title: 'Lag of the event loop (p99)',
    description:
      'How late the event loop of a process was: the p99 of each ten seconds, and of those of the last five minutes the worst.',
    unit: 'ms',
    labels: ['node'],
    of: 'node',
  },
  cpu_percent: {
    monitor: 'metrics',
    title: 'Processor time of a process',
    description: 'Processor time that a process used in the last five minutes; 100 is one core.',
    unit: 'percent',
    labels: ['node'],
    of: 'node',
  },
  process_memory_bytes: {
    monitor: 'metrics',
    title: 'Memory of a process',
    description: 'Resident memory of a process.',
    unit: 'bytes',
    labels: ['node'],
    of: 'node',
  },
  dead_letters: {
    monitor: 'dlq',
    title: 'Dead letters',
    description: 'Dead letters that nobody has dealt with.',
    unit: 'count',
    labels: [],
    of: 'organisation',
  },
  dead_letters_of_subscriber: {
    monitor: 'dlq',
    title: 'Dead letters of a subscriber',
    description: 'Dead letters of one subscriber that nobody has dealt with; of the 50 that have most.',
    unit: 'count',
    labels: ['subscriber'],
    of: 'organisation',
  },
  dead_letters_age_seconds: {
    monitor: 'dlq',
    title: 'Age of the oldest dead letter',
    description: 'Time since the oldest dead letter that nobody has dealt with became one; 0 when there is none.',
    unit: 'seconds',
    labels: [],
    of: 'organisation',
  },
  worker_crashes_per_hour: {
    monitor: 'worker',
    title: 'Crashes of a worker',
    description:
      'Runs of the last hour that failed, ended with their node or stood still for too long. A node that is stopped in order is none.',
    unit: 'per_hour',
    labels: ['worker'],
    of: 'organisation',
  },
  worker_failures_in_a_row: {
    monitor: 'worker',
    title: 'Failures of a worker in a row',
    description: 'Runs that failed since one succeeded.',
    unit: 'count',
    labels: ['worker'],
    of: 'organisation',
  },
  worker_overdue_seconds: {
    monitor: 'worker',
    title: 'A worker is late',
    description: 'Time since a run should have begun that has not; 0 while it is paused or out of service.',
    unit: 'seconds',
    labels: ['worker'],
    of: 'organisation',
  },
  worker_nodes_lost: {
    monitor: 'worker',
    title: 'Lost nodes',
    description: 'Nodes that were not heard of for longer than their lease.',
    unit: 'count',
    labels: [],
    of: 'organisation',
  },
  disk_percent: {
    monitor: 'resources',
    title: 'Disk in use',
    description: 'Part of the disk of the data folder that is in use.',
    unit: 'percent',
    labels: ['node'],
    of: 'node',
  },
  memory_percent: {
    monitor: 'resources',
    title: 'Main memory in use',
    description: 'Part of the main memory that is not available, of the container where there is a limit.',
    unit: 'percent',
    labels: ['node'],
    of: 'node',
  },
  data_folder_bytes: {
    monitor: 'resources',
    title: 'Size of the data folder',
    description: 'Bytes of all files in the data folder; looked at every five minutes.',
    unit: 'bytes',
    labels: ['node'],
    of: 'node',
  },
  database_bytes: {
    monitor: 'resources',
    title: 'Size of the database',
    description: 'Bytes of the whole database on its disk.',
    unit: 'bytes',
    labels: [],
    of: 'cluster',
  },
  database_connections_percent: {
    monitor: 'resources',
    title: 'Connections of the database',
    description:
      'Part of the connections that PostgreSQL allows which are in use, of the server or of the database if that has a limit of its own; nothing on the embedded one.',
    unit: 'percent',
    labels: [],
    of: 'cluster',
  },
  replication_lag_seconds: {
    monitor: 'resources',
    title: 'Lag of a standby',
    description: 'How far a standby of PostgreSQL is behind; nothing where there is none, or the login may not see it.',
    unit: 'seconds',
    labels: ['standby'],
    of: 'cluster',
  },
  table_bloat_percent: {
    monitor: 'resources',
    title: 'Dead rows of a table',
    description:
      'Part of the rows of a table of 10,000 rows or more that are dead, as the statistics of PostgreSQL say; of Archon’s tables.',
    unit: 'percent',
    labels: ['table'],
    of: 'cluster',
  },
  sequential_scan_percent: {
    monitor: 'resources',
    title: 'Scans of a table without an index',
    description:
      'Part of the scans since the last look that read all of a table of 10,000 rows or more; nothing below 10 scans.',
    unit: 'percent',
    labels: ['table'],
    of: 'cluster',
  },
  monitor_failed: {
    monitor: 'health',
    title: 'A monitor failed',
    description:
      '1 while a monitor fails or does not answer in its time, be it in part; then of what is missing of its signals nothing is known.',
    unit: 'count',
    labels: ['monitor', 'node'],
    of: 'node',
  },
} as const satisfies Record<string, SignalDefinition>;

export type OpsSignalName = keyof typeof OPS_SIGNALS;
export const OPS_SIGNAL_NAMES = Object.keys(OPS_SIGNALS) as [OpsSignalName, ...OpsSignalName[]];
export const opsSignalName = z.enum(OPS_SIGNAL_NAMES);

/** Labels of a series, of an alert, of what an action is done to. */
export const opsLabels = z.record(storableText(z.string().min(1).max(40)), storableText(z.string().max(300)));
export type OpsLabels = z.infer<typeof opsLabels>;

/** One number as it was observed. */
export const opsObservation = z.object({
  signal: opsSignalName,
  labels: opsLabels,
  value: z.number(),
  detail: z.string().nullable().describe('What the monitor knows besides, such as what a breaker failed with.'),
});
export type OpsObservation = z.infer<typeof opsObservation>;
