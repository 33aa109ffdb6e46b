/**
 * Takes a sample of every figure that charts are drawn from, every 10 seconds.
 *
 * Counters are kept as how much they have grown: with a new process they begin at 0 again and nothing is wrong. What was
 * not measured, because the process did not run or the file could not be written, is a gap and stays one.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { Collectors } from '../metrics/collectors.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Recorder } from '../recorder.ts';
import { HISTOGRAMS, readCounters, readGauges } from './sample-columns.ts';
import { SAMPLE_SECONDS, type SampleStore } from './sample-store.ts';
import { Span } from './span.ts';

/** Seconds that one sample can be of: a process that was held up for longer was asleep. */
const LONGEST_SAMPLE = 3 * SAMPLE_SECONDS;

export interface SamplerDeps {
  metrics: Metrics;
  collectors: Pick<Collectors, 'refresh'>;
  recorder: Pick<Recorder, 'sums' | 'latencies'>;
  store: Pick<SampleStore, 'add'>;
  clock: Clock;
  logger: Logger;
  /** Milliseconds of a steady clock; while the computer sleeps it stands still, though not on every system (macOS). */
  elapsed?: () => number;
}

/** What was measured last, and when. */
export interface Sample {
  at_ms: number;
  span: Span;
}

export class Sampler {
  readonly #deps: SamplerDeps;
  readonly #elapsed: () => number;
  #counters: ReadonlyMap<string, number> = new Map();
  #measured_until_ms: number;
  #last_at: number | undefined;
  #latest: Sample | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sampling: Promise<void> = Promise.resolve();
  #stopped = false;
  #failing = false;

  constructor(deps: SamplerDeps) {
    this.#deps = deps;
    this.#elapsed = deps.elapsed ?? (() => performance.now());
    this.#measured_until_ms = this.#elapsed();
  }

  /** Undefined before the first. */
  get latest(): Sample | undefined {
    return this.#latest;
  }

  start(): void {
    this.#plan();
  }

  /** Waits for what runs; the seconds since the last sample are not kept. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sampling;
  }

  /** Takes a sample of the time since the one before. Never fails. */
  async sample(): Promise<void> {
    const { clock, collectors, store } = this.#deps;
    try {
      await collectors.refresh();
      const now_ms = clock.now();
      const at = (Math.round(now_ms / 1000 / SAMPLE_SECONDS) - 1) * SAMPLE_SECONDS;
      // A timer that was early: there is a sample of this time already.
      if (at === this.#last_at) return;
      const span = await this.#measure();
      this.#last_at = at;
      this.#latest = { at_ms: now_ms, span };
      store.add(at, span);
      if (this.#failing) this.#deps.logger.info('figures for charts are kept again');
      this.#failing = false;
    } catch (error) {
      this.#deps.metrics.count('archon_metric_history_failures_total', {});
      // Told once: every sample after it would say the same.
      if (!this.#failing) {
        this.#deps.logger.warn({ err: error }, 'figures for charts cannot be kept: there will be a gap');
      }
      this.#failing = true;
    }
  }

  async #measure(): Promise<Span> {
    const { metrics, recorder } = this.#deps;
    const counters = new Map([...(await readCounters(metrics)), ...recorder.sums]);
    const gauges = await readGauges(metrics);
    const span = new Span();
    const now_ms = this.#elapsed();
    span.covered_seconds = Math.min(LONGEST_SAMPLE, Math.max(0, now_ms - this.#measured_until_ms) / 1000);
    this.#measured_until_ms = now_ms;
    for (const [name, value] of counters) {
      const before = this.#counters.get(name) ?? 0;
      // One that is less than before has begun again.
      span.addCounter(name, value >= before ? value - before : value);
    }
    this.#counters = counters;
    for (const [name, value] of gauges) span.addGauge(name, { last: value, min: value, max: value });
    for (const name of HISTOGRAMS) {
      for (const [bucket, count] of recorder.latencies[name].take()) span.addBucket(name, bucket, count);
    }
    return span;
  }

  #plan(): void {
    if (this.#stopped) return;
    const step_ms = SAMPLE_SECONDS * 1000;
    const left_ms = step_ms - (this.#deps.clock.now() % step_ms);
    // A timer that was a little early has taken the sample of this end already.
    const wait_ms = left_ms < step_ms / 10 ? left_ms + step_ms : left_ms;
    this.#timer = setTimeout(() => {
      this.#sampling = this.sample().then(() => this.#plan());
    }, wait_ms).unref();
  }
}
