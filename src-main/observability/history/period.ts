/** Figures of a whole period at once, such as a day: percentiles are of all its calls, not a mean of percentiles. */
import { API_OUTCOMES } from '../../../src-contract/index.ts';
import { meanOf, percentilesOf } from './latency-histogram.ts';
import type { Span } from './span.ts';

export interface MetricPeriod {
  /** How much of it was measured; 0: nothing is known of the rest. */
  covered_seconds: number;
  requests: number;
  /** Those of them that Archon failed (5xx). */
  failed_requests: number;
  /** Written to the log of events. */
  events: number;
  latency_mean_ms: number | null;
  latency_p95_ms: number | null;
}

export function periodOf(span: Span): MetricPeriod {
  const latencies = span.histogram('api');
  const [p95 = null] = percentilesOf(latencies, [0.95]);
  return {
    covered_seconds: span.covered_seconds,
    requests: API_OUTCOMES.reduce((sum, outcome) => sum + span.counter(`api.${outcome}`), 0),
    failed_requests: span.counter('api.server_error'),
    events: span.counter('events.published'),
    latency_mean_ms: inMs(meanOf(latencies)),
    latency_p95_ms: inMs(p95),
  };
}

const inMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);
