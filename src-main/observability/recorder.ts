/** What the domain tells of itself becomes figures here; it knows nothing of how they are kept. */
import type { API_OUTCOMES, OpsAction, OpsDelivery } from '../../src-contract/index.ts';
import type { DeliveryObserver, SubscriberKind } from '../events/delivery/delivery-observer.ts';
import type { CacheObserver, ContextObserver, ContextTold } from '../memory/memory-observer.ts';
import type { AlertChange, OpsObserver } from '../ops-agent/parts.ts';
import type { WorkerObserver, WorkerRunEnd } from '../workers/worker-observer.ts';
import { LatencyHistogram } from './history/latency-histogram.ts';
import type { HistogramName } from './history/sample-columns.ts';
import { ROUTES } from './metrics/metric-definitions.ts';
import type { Metrics } from './metrics/metrics.ts';

export type ApiOutcome = (typeof API_OUTCOMES)[number];

/** Calls that are counted together: each of them alone, between two requests, takes several times as long. */
const COUNTED_TOGETHER = 256;

const MEMORY_PARTS: ReadonlySet<string> = new Set(['sessions', 'working', 'longterm', 'memories', 'search', 'context']);
/** Routes that agents wait for. Pages look at others again and again, and to erase a user takes as long as it takes. */
const MEMORY_ROUTES: ReadonlySet<string> = new Set(
  ROUTES.filter((route) => MEMORY_PARTS.has(route.split('.')[0] ?? '') && route !== 'memories.erase'),
);

export class Recorder implements ContextObserver, CacheObserver, DeliveryObserver, WorkerObserver, OpsObserver {
  readonly #metrics: Metrics;
  readonly #latencies: Readonly<Record<HistogramName, LatencyHistogram>> = {
    api: new LatencyHistogram(),
    memory: new LatencyHistogram(),
    context: new LatencyHistogram(),
  };
  readonly #sums = new Map<string, number>();
  /** Of routes, not counted yet. */
  #calls: { route: string; outcome: ApiOutcome; seconds: number }[] = [];

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    metrics.beforeReading(() => this.#countCalls());
  }

  /** For the charts: finer than the buckets of the metrics, and without their labels. */
  get latencies(): Readonly<Record<HistogramName, LatencyHistogram>> {
    this.#countCalls();
    return this.#latencies;
  }

  /** Sums for the charts, since the start. */
  get sums(): ReadonlyMap<string, number> {
    return this.#sums;
  }

  /** A route was called. */
  called(route: string, outcome: ApiOutcome, seconds: number): void {
    this.#calls.push({ route, outcome, seconds });
    if (this.#calls.length >= COUNTED_TOGETHER) this.#countCalls();
  }

  /** Events were committed. */
  published(types: readonly string[]): void {
    for (const type of types) this.#metrics.count('archon_events_published_total', { type });
  }

  assembled({ status, total_tokens, seconds }: ContextTold): void {
    this.#metrics.count('archon_contexts_total', { status });
    this.#metrics.observe('archon_context_tokens', {}, total_tokens);
    this.#metrics.observe('archon_context_assembly_duration_seconds', {}, seconds);
    this.#latencies.context.observe(seconds);
    this.#add('context_tokens.sum', total_tokens);
    this.#add('context_tokens.count', 1);
  }

  looked(cache: Parameters<CacheObserver['looked']>[0], found: boolean): void {
    this.#metrics.count('archon_cache_requests_total', { cache, result: found ? 'hit' : 'miss' });
  }

  handled(subscriber: SubscriberKind, seconds: number): void {
    this.#metrics.observe('archon_event_handler_duration_seconds', { subscriber }, seconds);
  }

  delivered(subscriber: SubscriberKind): void {
    this.#metrics.count('archon_events_processed_total', { subscriber });
  }

  postponed(subscriber: SubscriberKind): void {
    this.#metrics.count('archon_events_retried_total', { subscriber });
  }

  died(subscriber: SubscriberKind): void {
    this.#metrics.count('archon_events_dead_total', { subscriber });
  }

  ran(worker: string, outcome: WorkerRunEnd, seconds: number): void {
    this.#metrics.count('archon_worker_runs_total', { worker, outcome });
    this.#metrics.observe('archon_worker_run_duration_seconds', { worker }, seconds);
    this.#add(`worker.${worker}.seconds`, seconds);
    this.#add(`worker.${worker}.runs`, 1);
  }

  crashed(worker: string): void {
    this.#metrics.count('archon_worker_crashes_total', { worker });
  }

  rounded({ trigger, isWhole, seconds }: Parameters<OpsObserver['rounded']>[0]): void {
    this.#metrics.count('archon_ops_rounds_total', { trigger, outcome: isWhole ? 'whole' : 'incomplete' });
    this.#metrics.observe('archon_ops_round_duration_seconds', {}, seconds);
  }

  alerted({ what, alert: { severity } }: AlertChange): void {
    this.#metrics.count('archon_ops_alerts_total', { severity, change: what });
  }

  acted({ remediator, state }: OpsAction): void {
    this.#metrics.count('archon_ops_actions_total', { remediator, outcome: state.state });
  }

  deliveredAlert({ kind, about, state }: OpsDelivery): void {
    this.#metrics.count('archon_ops_deliveries_total', { channel: kind, about, outcome: state.state });
  }

  #countCalls(): void {
    const calls = this.#calls;
    this.#calls = [];
    for (const { route, outcome, seconds } of calls) {
      this.#metrics.count('archon_api_requests_total', { route, outcome });
      this.#metrics.observe('archon_api_request_duration_seconds', { route, outcome }, seconds);
      this.#latencies.api.observe(seconds);
      if (MEMORY_ROUTES.has(route)) this.#latencies.memory.observe(seconds);
    }
  }

  #add(sum: string, by: number): void {
    this.#sums.set(sum, (this.#sums.get(sum) ?? 0) + by);
  }
}
