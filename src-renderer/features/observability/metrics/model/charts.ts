/** The charts there are, and what they are made of. */
import type { MetricSeriesName, MetricUnit } from '../../../../../src-contract/metrics.ts';
import type { ChartColour } from '../../../../ui/charts/chart-theme.ts';
import type { ChartId, SectionId } from './chart-ids.ts';

export interface LineDefinition {
  series: MetricSeriesName;
  line: string;
  label: string;
  colour: ChartColour;
}

export interface ChartDefinition {
  id: ChartId;
  section: SectionId;
  title: string;
  unit: MetricUnit;
  /** Why a step may have no value though Archon ran. */
  absent: string;
  /** Of the range 0 to 1, whatever is in it. */
  isShare?: true;
  /** Its values are of single runs, which no line goes through. */
  isDots?: true;
  /** None of the timeline of the breakers, which is drawn from what happened to them. */
  lines: readonly LineDefinition[];
}

export const SECTIONS: readonly { id: SectionId; title: string }[] = [
  { id: 'api', title: 'API' },
  { id: 'contexts', title: 'Contexts and caches' },
  { id: 'events', title: 'Events' },
  { id: 'services', title: 'Services and workers' },
  { id: 'resources', title: 'Resources' },
];

type Named = readonly [line: string, label: string, colour: ChartColour];

const of = (series: MetricSeriesName, ...lines: Named[]): LineDefinition[] =>
  lines.map(([line, label, colour]) => ({ series, line, label, colour }));

const PERCENTILES: Named[] = [
  ['p50', 'p50', 'session'],
  ['p95', 'p95', 'accent-text'],
  ['p99', 'p99', 'warn'],
];
const NOT_ASKED = 'not available';

export const CHARTS: readonly ChartDefinition[] = [
  {
    id: 'api_latency',
    section: 'api',
    title: 'API latency',
    unit: 'seconds',
    absent: 'no calls',
    lines: of('api_latency', ...PERCENTILES),
  },
  {
    id: 'api_requests',
    section: 'api',
    title: 'API requests by outcome',
    unit: 'per_minute',
    absent: NOT_ASKED,
    lines: of(
      'api_requests',
      ['success', 'done', 'ok'],
      ['client_error', 'refused (4xx)', 'warn'],
      ['server_error', 'failed (5xx)', 'bad'],
    ),
  },
  {
    id: 'contexts',
    section: 'contexts',
    title: 'Contexts by status',
    unit: 'per_minute',
    absent: NOT_ASKED,
    lines: of(
      'contexts',
      ['healthy', 'healthy', 'ok'],
      ['degraded', 'degraded', 'warn'],
      ['cached', 'cached', 'session'],
      ['error', 'failed', 'bad'],
    ),
  },
  {
    id: 'context_assembly',
    section: 'contexts',
    title: 'Context assembly time',
    unit: 'seconds',
    absent: 'no contexts',
    lines: of('context_assembly', ...PERCENTILES),
  },
  {
    id: 'context_tokens',
    section: 'contexts',
    title: 'Tokens per context',
    unit: 'tokens',
    absent: 'no contexts',
    lines: of('context_tokens', ['mean', 'mean', 'accent-text']),
  },
  {
    id: 'cache_hit_rate',
    section: 'contexts',
    title: 'Cache hit rate',
    unit: 'ratio',
    absent: 'no look-ups',
    isShare: true,
    lines: of(
      'cache_hit_rate',
      ['last_good_contexts', 'last good contexts', 'accent-text'],
      ['controls', 'controls', 'session'],
      ['idempotency_answers', 'idempotent answers', 'warn'],
    ),
  },
  {
    id: 'events',
    section: 'events',
    title: 'Event throughput',
    unit: 'per_minute',
    absent: NOT_ASKED,
    lines: of(
      'events',
      ['published', 'published', 'accent-text'],
      ['delivered', 'delivered', 'ok'],
      ['retried', 'retried', 'warn'],
      ['dead', 'given up', 'bad'],
    ),
  },
  {
    id: 'dead_letters',
    section: 'events',
    title: 'Dead letters',
    unit: 'count',
    absent: NOT_ASKED,
    lines: of('dead_letters', ['dead', 'waiting for a person', 'bad']),
  },
  {
    id: 'dead_letter_age',
    section: 'events',
    title: 'Age of the oldest dead letter',
    unit: 'seconds',
    absent: NOT_ASKED,
    lines: of('dead_letter_age', ['oldest', 'oldest', 'bad']),
  },
  {
    id: 'queue_depth',
    section: 'events',
    title: 'Queue depth',
    unit: 'count',
    absent: NOT_ASKED,
    lines: of(
      'queue_depth',
      ['waiting', 'waiting', 'accent-text'],
      ['delayed', 'delayed', 'warn'],
      ['running', 'running', 'session'],
    ),
  },
  {
    id: 'backlog',
    section: 'events',
    title: 'Events on their way to the log and the queues',
    unit: 'count',
    absent: NOT_ASKED,
    lines: [
      ...of('events_behind', ['behind', 'not in the queues yet', 'accent-text']),
      ...of('session_outbox', ['waiting', 'of sessions, not in the log yet', 'session']),
    ],
  },
  {
    id: 'breaker_state',
    section: 'services',
    title: 'Circuit breakers',
    unit: 'state',
    absent: NOT_ASKED,
    lines: [],
  },
  {
    id: 'worker_duration',
    section: 'services',
    title: 'Worker execution time (mean)',
    unit: 'seconds',
    absent: 'no run',
    isDots: true,
    lines: of(
      'worker_duration',
      ['consolidation', 'consolidation', 'accent-text'],
      ['cleanup', 'cleanup', 'session'],
      ['session-cleanup', 'session cleanup', 'warn'],
      ['event-retry', 'event retry', 'ok'],
      ['retention', 'retention', 'muted'],
    ),
  },
  {
    id: 'cpu',
    section: 'resources',
    title: 'Processor (100 % is one core)',
    unit: 'ratio',
    absent: NOT_ASKED,
    lines: of('cpu', ['process', 'Archon', 'accent-text']),
  },
  {
    id: 'memory',
    section: 'resources',
    title: 'Memory',
    unit: 'bytes',
    absent: NOT_ASKED,
    lines: of('memory', ['resident', 'resident', 'accent-text'], ['heap', 'heap', 'session']),
  },
  {
    id: 'event_loop_lag',
    section: 'resources',
    title: 'Event loop lag',
    unit: 'seconds',
    absent: NOT_ASKED,
    lines: of('event_loop_lag', ['p99', 'p99', 'accent-text'], ['max', 'longest', 'warn']),
  },
  {
    id: 'database_pool',
    section: 'resources',
    title: 'Database pool',
    unit: 'count',
    absent: NOT_ASKED,
    lines: of(
      'database_pool',
      ['total', 'connections', 'accent-text'],
      ['idle', 'idle', 'session'],
      ['waiting', 'calls that wait', 'warn'],
    ),
  },
  {
    id: 'disk_free',
    section: 'resources',
    title: 'Free disk space',
    unit: 'bytes',
    absent: NOT_ASKED,
    lines: of('disk_free', ['data_folder', 'where the data folder is', 'accent-text']),
  },
];
