/**
 * Every metric, once: the instruments, the check of labels and the page `docs/reference/metrics.md` come from here.
 *
 * A label has a closed set of values, so the number of series has a bound that is known. A value that is not in the set is
 * counted as `other`. Names follow https://prometheus.io/docs/practices/naming/.
 */
import { type AnyContractRouter, isContractProcedure } from '@orpc/contract';
import {
  API_OUTCOMES,
  BREAKER_STATES,
  CACHES,
  CONTEXT_STATUSES,
  contract,
  EVENT_TYPES,
  HEALTH_COMPONENTS,
  HEALTH_STATUSES,
  journaledStore,
  OPS_REMEDIATORS,
  OPS_SEVERITIES,
  type OpsActionState,
  type OpsDeliveryState,
  opsDelivery,
  RESILIENT_SERVICES,
  WORKER_NAMES,
} from '../../../src-contract/index.ts';
import { ALERT_CHANGES } from '../../ops-agent/parts.ts';

/** Where figures come from that are asked for when they are wanted. */
export const COLLECTORS = [
  'delivery',
  'workers',
  'session_outbox',
  'journal',
  'database_pool',
  'disk',
  'process',
  'breakers',
] as const;
export type CollectorName = (typeof COLLECTORS)[number];

export interface MetricDefinition {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds, in the unit of the metric. */
  buckets?: readonly number[];
  /** It is asked for when it is wanted, by this collector; the others are counted as things happen. */
  collector?: CollectorName;
}

/** Counted instead of a value that is not in the set of a label. */
export const OTHER = 'other';

const CALL_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const RUN_SECONDS = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600] as const;
const GC_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1] as const;
const CONTEXT_TOKENS = [250, 500, 1000, 2000, 4000, 6000, 8000, 12_000, 16_000] as const;

/** Webhooks have names of their users' choice: they are one kind. */
export const SUBSCRIBER_KINDS = ['built_in', 'webhook'] as const;
export const RUN_OUTCOMES = ['succeeded', 'failed', 'timed_out', 'cancelled', 'interrupted'] as const;
export const GC_KINDS = ['minor', 'major', 'incremental', 'weakcb'] as const;
const OPS_ROUND_OUTCOMES = ['whole', 'incomplete'] as const;
const OPS_ROUND_TRIGGERS = ['interval', 'event', 'person'] as const;
/** Those in which an action is over. */
export const OPS_ACTION_OUTCOMES = [
  'helped',
  'did_not_help',
  'failed',
  'interrupted',
  'skipped',
  'rejected',
  'expired',
  'dry_run',
] as const satisfies readonly OpsActionState['state'][];
export const OPS_DELIVERY_OUTCOMES = [
  'sent',
  'failed',
  'dropped',
] as const satisfies readonly OpsDeliveryState['state'][];
const CACHE_RESULTS = ['hit', 'miss'] as const;
export const ROUTES = routeNames(contract);

export const METRICS = {
  archon_api_requests_total: {
    type: 'counter',
    help: 'Calls of a route, over HTTP, WebSocket or from the window, by how they ended.',
    labels: { route: ROUTES, outcome: API_OUTCOMES },
  },
  archon_api_request_duration_seconds: {
    type: 'histogram',
    help: 'How long calls of a route took, its checks included; of a stream of events, until it began.',
    labels: { route: ROUTES, outcome: API_OUTCOMES },
    buckets: CALL_SECONDS,
  },
  archon_contexts_total: {
    type: 'counter',
    help: 'Contexts put together, by their status.',
    labels: { status: CONTEXT_STATUSES },
  },
  archon_context_assembly_duration_seconds: {
    type: 'histogram',
    help: 'How long it took to put a context together.',
    labels: {},
    buckets: CALL_SECONDS,
  },
  archon_context_tokens: {
    type: 'histogram',
    help: 'Tokens of a context.',
    labels: {},
    buckets: CONTEXT_TOKENS,
  },
  archon_cache_requests_total: {
    type: 'counter',
    help: 'Look-ups: the last good context while the database is away, memory controls, answers to repeated writes.',
    labels: { cache: CACHES, result: CACHE_RESULTS },
  },
  archon_events_published_total: {
    type: 'counter',
    help: 'Events that this process wrote to the log, once they were committed.',
    labels: { type: EVENT_TYPES },
  },
  archon_events_processed_total: {
    type: 'counter',
    help: 'Events that a subscriber has taken, replays of dead letters included.',
    labels: { subscriber: SUBSCRIBER_KINDS },
  },
  archon_events_retried_total: {
    type: 'counter',
    help: 'Deliveries that failed and will be tried again.',
    labels: { subscriber: SUBSCRIBER_KINDS },
  },
  archon_events_dead_total: {
    type: 'counter',
    help: 'Deliveries that failed for the last time, and replays of dead letters that failed.',
    labels: { subscriber: SUBSCRIBER_KINDS },
  },
  archon_event_handler_duration_seconds: {
    type: 'histogram',
    help: 'How long handlers of subscribers took, whatever came of it.',
    labels: { subscriber: SUBSCRIBER_KINDS },
    buckets: CALL_SECONDS,
  },
  archon_dead_letters: {
    type: 'gauge',
    help: 'Dead letters that nobody has dealt with.',
    labels: { subscriber: SUBSCRIBER_KINDS },
    collector: 'delivery',
  },
  archon_dead_letter_oldest_age_seconds: {
    type: 'gauge',
    help: 'Time since the last attempt of the oldest dead letter; 0 when there is none.',
    labels: {},
    collector: 'delivery',
  },
  archon_event_queue_depth: {
    type: 'gauge',
    help: 'Deliveries that wait, wait for another attempt, or run.',
    labels: { subscriber: SUBSCRIBER_KINDS, state: ['waiting', 'delayed', 'running'] },
    collector: 'delivery',
  },
  archon_event_queue_oldest_age_seconds: {
    type: 'gauge',
    help: 'How long ago the delivery that waits longest could have begun; 0 when none waits.',
    labels: {},
    collector: 'delivery',
  },
  archon_events_behind: {
    type: 'gauge',
    help: 'Events of the log that are not in the queues of the subscribers switched on yet; counted up to 100,000 for each.',
    labels: { subscriber: SUBSCRIBER_KINDS },
    collector: 'delivery',
  },
  archon_session_outbox_events: {
    type: 'gauge',
    help: 'Events of sessions and contexts that are not in the log yet.',
    labels: {},
    collector: 'session_outbox',
  },
  archon_session_outbox_oldest_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest of these; 0 when there is none.',
    labels: {},
    collector: 'session_outbox',
  },
  archon_journal_writes: {
    type: 'gauge',
    help: 'Writes in the journal of this process: those that wait for their store, and those it refused.',
    labels: { store: journaledStore.options, state: ['waiting', 'refused'] },
    collector: 'journal',
  },
  archon_journal_bytes: {
    type: 'gauge',
    help: 'Size of what is in the journal.',
    labels: {},
    collector: 'journal',
  },
  archon_worker_runs_total: {
    type: 'counter',
    help: 'Runs of a worker that ended in this process, by how.',
    labels: { worker: WORKER_NAMES, outcome: RUN_OUTCOMES },
  },
  archon_worker_run_duration_seconds: {
    type: 'histogram',
    help: 'How long runs of a worker took in this process.',
    labels: { worker: WORKER_NAMES },
    buckets: RUN_SECONDS,
  },
  archon_worker_crashes_total: {
    type: 'counter',
    help: 'Runs whose node ended under them, as this process found out.',
    labels: { worker: WORKER_NAMES },
  },
  archon_worker_health: {
    type: 'gauge',
    help: 'How a worker is, the worst of all organisations: 1 for its status, 0 for the others.',
    labels: { worker: WORKER_NAMES, status: HEALTH_STATUSES },
    collector: 'workers',
  },
  archon_worker_nodes: {
    type: 'gauge',
    help: 'Processes that run workers: those that live, and those not heard of.',
    labels: { status: ['live', 'lost'] },
    collector: 'workers',
  },
  archon_ops_rounds_total: {
    type: 'counter',
    help: 'Rounds of the ops agent in this process, by what began them, and whether every part of them did its work.',
    labels: { trigger: OPS_ROUND_TRIGGERS, outcome: OPS_ROUND_OUTCOMES },
  },
  archon_ops_round_duration_seconds: {
    type: 'histogram',
    help: 'How long rounds of the ops agent took.',
    labels: {},
    buckets: CALL_SECONDS,
  },
  archon_ops_alerts_total: {
    type: 'counter',
    help: 'What became of alerts, by their severity, where this process judged them.',
    labels: { severity: OPS_SEVERITIES, change: ALERT_CHANGES },
  },
  archon_ops_actions_total: {
    type: 'counter',
    help: 'Actions of this process that are over, by how.',
    labels: { remediator: OPS_REMEDIATORS, outcome: OPS_ACTION_OUTCOMES },
  },
  archon_ops_deliveries_total: {
    type: 'counter',
    help: 'Messages about alerts, and reports, that were sent from this process or not, by channel.',
    labels: {
      channel: opsDelivery.shape.kind.options,
      about: opsDelivery.shape.about.options,
      outcome: OPS_DELIVERY_OUTCOMES,
    },
  },
  archon_breaker_state: {
    type: 'gauge',
    help: 'Circuit breakers: 1 for the state one is in, 0 for the others; of several before webhooks, the worst.',
    labels: { service: RESILIENT_SERVICES, state: BREAKER_STATES },
    collector: 'breakers',
  },
  archon_breaker_transitions_total: {
    type: 'counter',
    help: 'Circuit breakers that came into a state.',
    labels: { service: RESILIENT_SERVICES, state: BREAKER_STATES },
  },
  archon_database_pool_connections: {
    type: 'gauge',
    help: 'Connections of the pool to the database: in use, and idle.',
    labels: { state: ['used', 'idle'] },
    collector: 'database_pool',
  },
  archon_database_pool_waiting: {
    type: 'gauge',
    help: 'Calls of the database that wait: for a connection, or for others to end.',
    labels: {},
    collector: 'database_pool',
  },
  archon_health_status: {
    type: 'gauge',
    help: 'How a component was when it was last looked at, every 10 seconds at least: 1 for its status, 0 for the others.',
    labels: { component: HEALTH_COMPONENTS, status: HEALTH_STATUSES },
  },
  archon_data_folder_free_bytes: {
    type: 'gauge',
    help: 'Free space where the data folder is.',
    labels: {},
    collector: 'disk',
  },
  archon_data_folder_size_bytes: {
    type: 'gauge',
    help: 'Size of the disk on which the data folder is.',
    labels: {},
    collector: 'disk',
  },
  archon_process_cpu_seconds_total: {
    type: 'counter',
    help: 'Processor time used by the process.',
    labels: { mode: ['user', 'system'] },
    collector: 'process',
  },
  archon_process_resident_memory_bytes: {
    type: 'gauge',
    help: 'Memory of the process that is in RAM.',
    labels: {},
    collector: 'process',
  },
  archon_process_start_time_seconds: {
    type: 'gauge',
    help: 'When the process began, in seconds since the epoch.',
    labels: {},
    collector: 'process',
  },
  archon_nodejs_heap_used_bytes: {
    type: 'gauge',
    help: 'Heap of the main thread in use.',
    labels: {},
    collector: 'process',
  },
  archon_nodejs_eventloop_lag_p99_seconds: {
    type: 'gauge',
    help: 'How late the event loop was in the last 10 seconds: the 99th percentile.',
    labels: {},
    collector: 'process',
  },
  archon_nodejs_eventloop_lag_max_seconds: {
    type: 'gauge',
    help: 'How late the event loop was in the last 10 seconds at most.',
    labels: {},
    collector: 'process',
  },
  archon_nodejs_gc_duration_seconds: {
    type: 'histogram',
    help: 'Pauses for garbage collection.',
    labels: { kind: GC_KINDS },
    buckets: GC_SECONDS,
  },
  archon_metric_history_failures_total: {
    type: 'counter',
    help: 'Samples that could not be written to history.db: charts have a gap there.',
    labels: {},
  },
  archon_collector_up: {
    type: 'gauge',
    help: 'Whether the figures of a collector could be asked for: 1, or 0 and they are left out.',
    labels: { collector: COLLECTORS },
  },
  archon_build_info: {
    type: 'gauge',
    help: 'Always 1; the version is its label.',
    labels: { version: [] },
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
export type MetricOfType<T extends MetricDefinition['type']> = {
  [N in MetricName]: (typeof METRICS)[N]['type'] extends T ? N : never;
}[MetricName];

/** Values of the labels of a metric. Whatever they are, no series comes into being that was not foreseen. */
export type LabelsOf<N extends MetricName> = { readonly [K in keyof (typeof METRICS)[N]['labels']]: string };

/** Names of all routes: they have as many values as the contract has routes. */
function routeNames(router: AnyContractRouter, prefix = ''): string[] {
  return Object.entries(router).flatMap(([key, value]) =>
    isContractProcedure(value) ? [`${prefix}${key}`] : routeNames(value, `${prefix}${key}.`),
  );
}
