/** What was measured over a span of time: one sample, or any number of them put together. */
import type { BucketCounts } from './latency-histogram.ts';

/** Readings of a gauge over the span. */
export interface GaugeRange {
  last: number;
  min: number;
  max: number;
}

export class Span {
  /** How much of the span was measured. */
  covered_seconds = 0;
  readonly counters = new Map<string, number>();
  readonly gauges = new Map<string, GaugeRange>();
  readonly histograms = new Map<string, Map<number, number>>();

  counter(name: string): number {
    return this.counters.get(name) ?? 0;
  }

  gauge(name: string): { value: number | null; min: number | null; max: number | null } {
    const { last = null, min = null, max = null } = this.gauges.get(name) ?? {};
    return { value: last, min, max };
  }

  histogram(name: string): BucketCounts {
    return this.histograms.get(name) ?? new Map();
  }

  addCounter(name: string, by: number): void {
    if (by !== 0) this.counters.set(name, this.counter(name) + by);
  }

  /** A later reading of a gauge. */
  addGauge(name: string, { last, min, max }: GaugeRange): void {
    const before = this.gauges.get(name);
    this.gauges.set(name, {
      last,
      min: before === undefined ? min : Math.min(before.min, min),
      max: before === undefined ? max : Math.max(before.max, max),
    });
  }

  addBucket(name: string, bucket: number, count: number): void {
    const counts = this.histograms.get(name) ?? new Map<number, number>();
    counts.set(bucket, (counts.get(bucket) ?? 0) + count);
    this.histograms.set(name, counts);
  }
}
