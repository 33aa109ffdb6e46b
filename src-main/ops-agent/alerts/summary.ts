/** What is wrong, in a sentence: with its value, and with the limit that it is beyond. */
import { OPS_SIGNALS, type OpsCondition, type OpsLabels, type OpsSignalName } from '../../../src-contract/index.ts';
import { amountText } from './amounts.ts';

const COMPONENTS: Record<string, string> = {
  database: 'The database',
  sessions: 'The session store',
  data_folder: 'The data folder',
  event_log: 'The event log',
  delivery: 'The delivery of events',
  session_outbox: 'The outbox of the sessions',
  workers: 'The workers as a whole',
  breakers: 'A service that Archon depends on',
};

type Sentence = (value: string, label: (name: string) => string, count: number) => string;

const SENTENCES: Record<OpsSignalName, Sentence> = {
  component_status: (value, label) => `${COMPONENTS[label('component')] ?? label('component')} ${is(label)} ${value}`,
  breaker_open_seconds: (value, label) => `Circuit breaker of ${label('breaker')} is open for ${value}`,
  event_lag_seconds: (value) => `An event has waited for its subscriber for ${value}`,
  session_outbox_lag_seconds: (value) => `An event of a session has waited for the event log for ${value}`,
  journal_writes: (value, _, n) => `${value} ${n === 1 ? 'write waits' : 'writes wait'} in the journal`,
  journal_growth: (value) => `The journal grew by ${value} in five minutes`,
  backup_age_seconds: (value) => `The newest backup is ${value} old`,
  api_latency_p95_ms: (value) => `95 of 100 requests take up to ${value}`,
  api_requests_per_minute: (value, _, n) => `${value} ${plural(n, 'request', 'requests')} a minute`,
  api_error_percent: (value) => `${value} of the requests failed`,
  events_per_minute: (value, _, n) => `${value} ${plural(n, 'event', 'events')} a minute`,
  event_loop_lag_ms: (value) => `The event loop is late by ${value}`,
  cpu_percent: (value) => `A process uses ${value} of a core`,
  process_memory_bytes: (value) => `A process uses ${value} of memory`,
  dead_letters: (value, _, n) => `${value} ${plural(n, 'dead letter', 'dead letters')}`,
  dead_letters_of_subscriber: (value, label, n) =>
    `${value} ${plural(n, 'dead letter', 'dead letters')} of ${label('subscriber')}`,
  dead_letters_age_seconds: (value) => `The oldest dead letter is ${value} old`,
  worker_crashes_per_hour: (value, label, n) =>
    `Worker ${label('worker')} crashed ${n === 1 ? 'once' : `${value} times`} in an hour`,
  worker_failures_in_a_row: (value, label, n) =>
    `Worker ${label('worker')} failed ${n === 1 ? 'once' : `${value} times in a row`}`,
  worker_overdue_seconds: (value, label) => `Worker ${label('worker')} is late by ${value}`,
  worker_nodes_lost: (value, _, n) => `${value} ${n === 1 ? 'node is' : 'nodes are'} lost`,
  disk_percent: (value) => `The disk is ${value} full`,
  memory_percent: (value) => `${value} of the main memory is in use`,
  data_folder_bytes: (value) => `The data folder holds ${value}`,
  database_bytes: (value) => `The database holds ${value}`,
  database_connections_percent: (value) => `${value} of the connections of the database are in use`,
  replication_lag_seconds: (value, label) => `Standby ${label('standby')} is behind by ${value}`,
  table_bloat_percent: (value, label) => `${value} of the rows of ${label('table')} are dead`,
  sequential_scan_percent: (value, label) => `${value} of the scans of ${label('table')} read all of it`,
  monitor_failed: (_, label) => `Monitor ${label('monitor')} tells nothing`,
};

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);
const is = (label: (name: string) => string): string => (label('component') === 'workers' ? 'are' : 'is');

/** Signals whose sentence says all there is. */
const WITHOUT_LIMIT: readonly OpsSignalName[] = ['component_status', 'monitor_failed'];

export interface Told {
  signal: OpsSignalName;
  labels: OpsLabels;
  value: number;
  operator: OpsCondition['operator'];
  limit: number;
}

/** @param at_node names the node, where there are several */
export function summaryOf({ signal, labels, value, operator, limit }: Told, at_node: string | undefined): string {
  const { unit } = OPS_SIGNALS[signal];
  const sentence = SENTENCES[signal](amountText(unit, value), (name) => labels[name] ?? `an unknown ${name}`, value);
  const where = at_node === undefined ? '' : ` at ${at_node}`;
  return `${sentence}${where}${WITHOUT_LIMIT.includes(signal) ? '' : ` (${limitText(operator, amountText(unit, limit))})`}`;
}

function limitText(operator: OpsCondition['operator'], limit: string): string {
  switch (operator) {
    case '>':
    case '>=':
      return `limit ${limit}`;
    case '<':
    case '<=':
      return `expected at least ${limit}`;
    case '=':
      return `expected other than ${limit}`;
    case '!=':
      return `expected ${limit}`;
  }
}
