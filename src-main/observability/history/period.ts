/** Figures of a whole period at once, such as a day: percentiles are of all its calls, not a mean of percentiles. */
import { API_OUTCOMES } from '../../../src-contract/index.ts';
import { type BucketCounts, meanOf, percentilesOf } from './latency-histogram.ts';
import type { Span } from './span.ts';

export interface MetricPeriod {
  /** How much of it was measured; 0: nothing is known of the rest. */
  covered_seconds: number;
  requests: number;
  /** Those of them that Archon failed (5xx). */
  failed_requests: number;
  latency_mean_ms: number | null;
  latency_p95_ms: number | null;
  /** Those of them that agents wait for: for memories, sessions, contexts and searches. */
  memory_requests: number;
  memory_latency_p95_ms: number | null;
  /** Written to the log of events. */
  events: number;
  /** Of every ten seconds the p99, and of these the longest. */
  event_loop_lag_ms: number | null;
  /** Of one core. */
  cpu_percent: number | null;
  /** As it was last. */
  resident_bytes: number | null;
}

export function periodOf(span: Span): MetricPeriod {
  const { covered_seconds } = span;
  const latencies = span.histogram('api');
  const of_memory = span.histogram('memory');
  return {
    covered_seconds,
    requests: API_OUTCOMES.reduce((sum, outcome) => sum + span.counter(`api.${outcome}`), 0),
    failed_requests: span.counter('api.server_error'),
    latency_mean_ms: inMs(meanOf(latencies)),
    latency_p95_ms: inMs(p95(latencies)),
    memory_requests: [...of_memory.values()].reduce((sum, count) => sum + count, 0),
    memory_latency_p95_ms: inMs(p95(of_memory)),
    events: span.counter('events.published'),
    event_loop_lag_ms: inMs(span.gauge('lag.p99').max),
    cpu_percent: covered_seconds > 0 ? (100 * span.counter('cpu')) / covered_seconds : null,
    resident_bytes: span.gauge('resident').value,
  };
}

const p95 = (counts: BucketCounts): number | null => percentilesOf(counts, [0.95])[0] ?? null;

const inMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);
