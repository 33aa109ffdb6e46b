import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketOf, LatencyHistogram, MAX_ERROR, percentilesOf } from './latency-histogram.ts';

const duration = fc.double({ min: 1e-4, max: 3600, noNaN: true });

/** By nearest rank, from all the durations themselves. */
function exact(durations: readonly number[], quantile: number): number {
  const sorted = [...durations].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1] ?? Number.NaN;
}

describe('LatencyHistogram', () => {
  it('gives percentiles that are off by half a bucket at most, however many parts they are put together from', () => {
    fc.assert(
      fc.property(fc.array(fc.array(duration, { maxLength: 40 }), { minLength: 1, maxLength: 8 }), (parts) => {
        const whole = new LatencyHistogram();
        for (const part of parts) {
          const own = new LatencyHistogram();
          for (const seconds of part) own.observe(seconds);
          for (const [bucket, count] of own.take()) whole.add(bucket, count);
        }
        const all = parts.flat();
        const quantiles = [0.5, 0.95, 0.99, 1];
        const told = percentilesOf(whole.counts, quantiles);
        if (all.length === 0) {
          expect(told).toEqual([null, null, null, null]);
          return;
        }
        for (const [i, quantile] of quantiles.entries()) {
          const truth = exact(all, quantile);
          expect(Math.abs((told[i] ?? 0) - truth)).toBeLessThanOrEqual(truth * (MAX_ERROR + 1e-9));
        }
      }),
    );
  });

  it('says how exact that is', () => {
    expect(MAX_ERROR).toBeCloseTo(0.044, 3);
  });

  it('takes anything for a duration without failing', () => {
    expect([Number.NaN, -1, 0, 1e-9].map(bucketOf)).toEqual([0, 0, 0, 0]);
    expect([1e9, Number.POSITIVE_INFINITY].map(bucketOf)).toEqual([BUCKETS - 1, BUCKETS - 1]);
  });

  it('begins anew once it was taken', () => {
    const histogram = new LatencyHistogram();
    histogram.observe(0.01);
    expect([...histogram.take().values()]).toEqual([1]);
    expect(histogram.take().size).toBe(0);
  });
});
