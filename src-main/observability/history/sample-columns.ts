/** What a sample is made of, and how the lines of the charts are worked out from it. */
import {
  API_OUTCOMES,
  BREAKER_STATES,
  CACHES,
  CONTEXT_STATUSES,
  METRIC_SERIES,
  type MetricSeriesName,
  RESILIENT_SERVICES,
  WORKER_NAMES,
} from '../../../src-contract/index.ts';
import type { MetricOfType } from '../metrics/metric-definitions.ts';
import type { Metrics, Reading } from '../metrics/metrics.ts';
import { percentilesOf } from './latency-histogram.ts';
import type { Span } from './span.ts';

/** Where a column comes from: the sum of the series of a metric whose labels are these. */
interface Source {
  metric: MetricOfType<'counter' | 'gauge'>;
  labels: Readonly<Record<string, string>>;
}
type Sources = Readonly<Record<string, Source>>;

const from = (metric: Source['metric'], labels: Source['labels'] = {}): Source => ({ metric, labels });

const each = <T extends string>(
  values: readonly T[],
  column: (value: T) => string,
  source: (value: T) => Source,
): Sources => Object.fromEntries(values.map((value) => [column(value), source(value)]));

/** Counted from the start of the engine; a sample holds how much they have grown. */
const COUNTER_SOURCES: Sources = {
  ...each(
    API_OUTCOMES,
    (outcome) => `api.${outcome}`,
    (outcome) => from('archon_api_requests_total', { outcome }),
  ),
  ...each(
    CONTEXT_STATUSES,
    (status) => `contexts.${status}`,
    (status) => from('archon_contexts_total', { status }),
  ),
  ...each(
    CACHES,
    (cache) => `cache.${cache}.hit`,
    (cache) => from('archon_cache_requests_total', { cache, result: 'hit' }),
  ),
  ...each(
    CACHES,
    (cache) => `cache.${cache}.miss`,
    (cache) => from('archon_cache_requests_total', { cache, result: 'miss' }),
  ),
  'events.published': from('archon_events_published_total'),
  'events.delivered': from('archon_events_processed_total'),
  'events.retried': from('archon_events_retried_total'),
  'events.dead': from('archon_events_dead_total'),
  cpu: from('archon_process_cpu_seconds_total'),
};

/** Read when a sample is taken. */
const GAUGE_SOURCES: Sources = {
  dead_letters: from('archon_dead_letters'),
  dead_letter_age: from('archon_dead_letter_oldest_age_seconds'),
  'queue.waiting': from('archon_event_queue_depth', { state: 'waiting' }),
  'queue.delayed': from('archon_event_queue_depth', { state: 'delayed' }),
  'queue.running': from('archon_event_queue_depth', { state: 'running' }),
  behind: from('archon_events_behind'),
  session_outbox: from('archon_session_outbox_events'),
  resident: from('archon_process_resident_memory_bytes'),
  heap: from('archon_nodejs_heap_used_bytes'),
  'lag.p99': from('archon_nodejs_eventloop_lag_p99_seconds'),
  'lag.max': from('archon_nodejs_eventloop_lag_max_seconds'),
  'pool.used': from('archon_database_pool_connections', { state: 'used' }),
  'pool.idle': from('archon_database_pool_connections', { state: 'idle' }),
  'pool.total': from('archon_database_pool_connections'),
  'pool.waiting': from('archon_database_pool_waiting'),
  disk_free: from('archon_data_folder_free_bytes'),
};

const STATE_NUMBERS = new Map<string, number>(BREAKER_STATES.map((state, number) => [state, number]));

const breaker = (service: string): string => `breaker.${service}`;

/** Sums that the recorders keep besides the metrics. */
export const SUMS = [
  'context_tokens.sum',
  'context_tokens.count',
  ...WORKER_NAMES.flatMap((worker) => [`worker.${worker}.seconds`, `worker.${worker}.runs`]),
] as const;
export const COUNTERS = [...Object.keys(COUNTER_SOURCES), ...SUMS];
export const GAUGES = [...Object.keys(GAUGE_SOURCES), ...RESILIENT_SERVICES.map(breaker)];
/** Durations, in buckets. `memory`: of those of `api` that agents wait for. */
export const HISTOGRAMS = ['api', 'memory', 'context'] as const;
export type HistogramName = (typeof HISTOGRAMS)[number];

/** Every counter as it stands. */
export async function readCounters(metrics: Metrics): Promise<Map<string, number>> {
  return await readAll(metrics, COUNTER_SOURCES);
}

/** Every gauge that could be read. */
export async function readGauges(metrics: Metrics): Promise<Map<string, number>> {
  const gauges = await readAll(metrics, GAUGE_SOURCES);
  for (const { labels, value } of await metrics.read('archon_breaker_state')) {
    const state = STATE_NUMBERS.get(labels.state ?? '');
    if (value === 1 && labels.service !== undefined && state !== undefined) gauges.set(breaker(labels.service), state);
  }
  return gauges;
}

async function readAll(metrics: Metrics, sources: Sources): Promise<Map<string, number>> {
  const read = new Map<string, Promise<Reading[]>>();
  const values = new Map<string, number>();
  for (const [column, { metric, labels }] of Object.entries(sources)) {
    const readings = read.get(metric) ?? metrics.read(metric);
    read.set(metric, readings);
    const own = (await readings).filter((reading) => hasLabels(reading.labels, labels));
    if (own.length > 0)
      values.set(
        column,
        own.reduce((sum, { value }) => sum + value, 0),
      );
  }
  return values;
}

const hasLabels = (labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean =>
  Object.entries(wanted).every(([label, value]) => labels[label] === value);

/** One value of a line: of gauges also the lowest and highest reading. */
export interface LineValue {
  value: number | null;
  min?: number | null;
  max?: number | null;
}

const PERCENTILES = [0.5, 0.95, 0.99];

/** The values of the lines of a series, in their order, over a span of time in which something was measured. */
export function linesOf(series: MetricSeriesName, span: Span): LineValue[] {
  switch (series) {
    case 'api_latency':
      return percentiles(span, 'api');
    case 'context_assembly':
      return percentiles(span, 'context');
    case 'api_requests':
      return API_OUTCOMES.map((outcome) => perMinute(span, `api.${outcome}`));
    case 'contexts':
      return CONTEXT_STATUSES.map((status) => perMinute(span, `contexts.${status}`));
    case 'events':
      return METRIC_SERIES.events.lines.map((line) => perMinute(span, `events.${line}`));
    case 'context_tokens':
      return [ratio(span.counter('context_tokens.sum'), span.counter('context_tokens.count'))];
    case 'cache_hit_rate':
      return CACHES.map((cache) => {
        const hits = span.counter(`cache.${cache}.hit`);
        return ratio(hits, hits + span.counter(`cache.${cache}.miss`));
      });
    case 'worker_duration':
      return WORKER_NAMES.map((worker) =>
        ratio(span.counter(`worker.${worker}.seconds`), span.counter(`worker.${worker}.runs`)),
      );
    case 'cpu':
      return [ratio(span.counter('cpu'), span.covered_seconds)];
    case 'dead_letters':
    case 'dead_letter_age':
    case 'session_outbox':
    case 'disk_free':
      return [span.gauge(series)];
    case 'events_behind':
      return [span.gauge('behind')];
    case 'queue_depth':
      return METRIC_SERIES.queue_depth.lines.map((line) => span.gauge(`queue.${line}`));
    case 'breaker_state':
      return RESILIENT_SERVICES.map((service) => span.gauge(breaker(service)));
    case 'memory':
      return METRIC_SERIES.memory.lines.map((line) => span.gauge(line));
    case 'event_loop_lag':
      // The longest of a step is that of all its readings, not of the last.
      return [span.gauge('lag.p99'), longest(span.gauge('lag.max'))];
    case 'database_pool':
      return METRIC_SERIES.database_pool.lines.map((line) => span.gauge(`pool.${line}`));
  }
}

const percentiles = (span: Span, histogram: HistogramName): LineValue[] =>
  percentilesOf(span.histogram(histogram), PERCENTILES).map((value) => ({ value }));

const perMinute = (span: Span, counter: string): LineValue => ({
  value: span.covered_seconds > 0 ? (span.counter(counter) / span.covered_seconds) * 60 : null,
});

const longest = ({ min, max }: Readonly<Required<LineValue>>): LineValue => ({ value: max ?? null, min, max });

const ratio = (part: number, whole: number): LineValue => ({ value: whole > 0 ? part / whole : null });
