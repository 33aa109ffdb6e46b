/** Routes of the figures that charts are drawn from: as they are now, and as they were over time. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { instant, timestamp } from './primitives.ts';
import { RESILIENT_SERVICES } from './resilience.ts';

/** How a call of a route ended: done, refused (4xx), or failed (5xx). */
export const API_OUTCOMES = ['success', 'client_error', 'server_error'] as const;
/** What holds answers that need not be worked out again. */
export const CACHES = ['last_good_contexts', 'controls', 'idempotency_answers'] as const;
/** Every worker there is, by its name. */
export const WORKER_NAMES = ['consolidation', 'cleanup', 'session-cleanup', 'event-retry', 'retention'] as const;
export const CONTEXT_STATUSES = ['healthy', 'degraded', 'cached', 'error'] as const;

/** What a number of a series means. `state`: 0 closed, 1 half open, 2 open, 3 isolated by a person. */
export const METRIC_UNITS = ['seconds', 'per_minute', 'count', 'tokens', 'ratio', 'bytes', 'state'] as const;
export type MetricUnit = (typeof METRIC_UNITS)[number];

interface SeriesDefinition {
  unit: MetricUnit;
  /** One is drawn for each. */
  lines: readonly string[];
  description: string;
}

const PERCENTILES = ['p50', 'p95', 'p99'] as const;

/** Every chart there can be, with the lines in it. */
export const METRIC_SERIES = {
  api_latency: { unit: 'seconds', lines: PERCENTILES, description: 'How long calls of routes took.' },
  api_requests: { unit: 'per_minute', lines: API_OUTCOMES, description: 'Calls of routes by how they ended.' },
  contexts: { unit: 'per_minute', lines: CONTEXT_STATUSES, description: 'Contexts by their status.' },
  context_assembly: { unit: 'seconds', lines: PERCENTILES, description: 'How long it took to put contexts together.' },
  context_tokens: { unit: 'tokens', lines: ['mean'], description: 'Tokens of a context.' },
  cache_hit_rate: { unit: 'ratio', lines: CACHES, description: 'Part of the look-ups that found something.' },
  events: {
    unit: 'per_minute',
    lines: ['published', 'delivered', 'retried', 'dead'],
    description: 'Events written to the log, and what became of them at the subscribers.',
  },
  dead_letters: { unit: 'count', lines: ['dead'], description: 'Dead letters that nobody has dealt with.' },
  dead_letter_age: { unit: 'seconds', lines: ['oldest'], description: 'Age of the oldest of these.' },
  queue_depth: {
    unit: 'count',
    lines: ['waiting', 'delayed', 'running'],
    description: 'Deliveries in the queues of the subscribers.',
  },
  events_behind: { unit: 'count', lines: ['behind'], description: 'Events that are not in the queues yet.' },
  session_outbox: { unit: 'count', lines: ['waiting'], description: 'Events of sessions that are not in the log yet.' },
  worker_duration: {
    unit: 'seconds',
    lines: WORKER_NAMES,
    description: 'How long a run of a worker took, on average.',
  },
  breaker_state: {
    unit: 'state',
    lines: RESILIENT_SERVICES,
    description: 'Circuit breakers: 0 closed, 1 half open, 2 open, 3 isolated by a person.',
  },
  cpu: { unit: 'ratio', lines: ['process'], description: 'Processor time used: 1 is one core.' },
  memory: { unit: 'bytes', lines: ['resident', 'heap'], description: 'Memory of the process.' },
  event_loop_lag: { unit: 'seconds', lines: ['p99', 'max'], description: 'How late the event loop was.' },
  database_pool: {
    unit: 'count',
    lines: ['total', 'idle', 'waiting'],
    description: 'Connections to the database, and calls that wait for one.',
  },
  disk_free: { unit: 'bytes', lines: ['data_folder'], description: 'Free space where the data folder is.' },
} as const satisfies Record<string, SeriesDefinition>;

export type MetricSeriesName = keyof typeof METRIC_SERIES;
export const METRIC_SERIES_NAMES = Object.keys(METRIC_SERIES) as [MetricSeriesName, ...MetricSeriesName[]];

/** Points of a line at most. */
export const MAX_METRIC_POINTS = 1000;
/** Days that figures are kept. */
export const METRIC_DAYS = 30;

const seriesName = z.enum(METRIC_SERIES_NAMES);
const unit = z.enum(METRIC_UNITS);
const value = z.number().nullable();

const metricLine = z.object({
  series: seriesName,
  line: z.string().describe('Which of the lines of the series, such as `p95`.'),
  unit,
  values: z.array(value).describe('One for each step; null where nothing was measured.'),
  min: z.array(value).nullable().describe('The lowest reading of each step; null for what is counted, not read.'),
  max: z.array(value).nullable().describe('The highest.'),
});

export const metricHistory = z.object({
  at: instant.describe('When it was answered, by the clock of Archon.'),
  from: instant.describe('When the first step begins.'),
  to: instant.describe('When the last one ends.'),
  step_seconds: z.int().positive(),
  points: z.int().min(0).describe('Steps, and so values of each line.'),
  resolution_seconds: z.int().positive().describe('How finely the figures are kept that these were made from.'),
  lines: z.array(metricLine),
});
export type MetricHistory = z.infer<typeof metricHistory>;

export const currentMetrics = z.object({
  at: instant.nullable().describe('When they were taken; null when none have been since the start.'),
  seconds: z.number().nullable().describe('The time that rates and percentiles are of.'),
  lines: z.array(z.object({ series: seriesName, line: z.string(), unit, value })),
  collectors: z
    .array(z.object({ collector: z.string(), up: z.boolean(), error: z.string().nullable() }))
    .describe('Where figures are asked for; what one could not be asked is null.'),
});
export type CurrentMetrics = z.infer<typeof currentMetrics>;

const TAGS = ['metrics'];
const WHOLE_NODE =
  'The figures are of this process and everything it works for, not of one organisation; they hold no content.';

export const metricsContract = {
  current: base
    .route({
      method: 'GET',
      path: '/api/metrics/current',
      tags: TAGS,
      summary: 'Every figure as it was last measured',
      description: WHOLE_NODE,
    })
    .output(currentMetrics),
  series: base
    .route({
      method: 'GET',
      path: '/api/metrics/series',
      tags: TAGS,
      summary: 'Figures over time, for charts',
      description: `${WHOLE_NODE} Kept every 10 seconds for a day and every 5 minutes for ${METRIC_DAYS} days. All lines have the same steps; a step in which the process did not run is null.`,
    })
    .input(
      z.strictObject({
        names: boundedList(seriesName, METRIC_SERIES_NAMES.length).min(1).describe('Which series.'),
        from: timestamp.optional().describe('Where to begin.'),
        to: timestamp.optional().describe('Where to end; now, when left out.'),
        last_seconds: z
          .int()
          .min(1)
          .max(METRIC_DAYS * 86_400)
          .optional()
          .describe('So long up to now by the clock of Archon, in place of `from` and `to`.'),
        max_points: z.int().min(10).max(MAX_METRIC_POINTS).default(300),
      }),
    )
    .output(metricHistory),
};
