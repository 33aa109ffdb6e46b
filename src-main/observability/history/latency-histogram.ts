/**
 * Counts of durations in buckets that grow by a fixed factor.
 *
 * Added up over any time they give the percentiles of all durations of that time, not an average of percentiles: the rank
 * is exact, and the value is off by half a bucket at most, {@link MAX_ERROR} of it.
 */

/** Where the first bucket ends, in seconds: anything shorter is in it. */
const SHORTEST = 1e-4;
/** Eight buckets from a duration to its double. */
const BUCKETS_PER_DOUBLING = 8;
/** The last one takes what is longer: it begins at about an hour. */
export const BUCKETS = 202;
/** Of the value of a percentile. */
export const MAX_ERROR = 2 ** (0.5 / BUCKETS_PER_DOUBLING) - 1;

/** Counts by the number of the bucket; those that are 0 are left out. */
export type BucketCounts = ReadonlyMap<number, number>;

export function bucketOf(seconds: number): number {
  // What is no duration at all counts as the shortest: it must not take a whole sample with it.
  if (!(seconds > SHORTEST)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(Math.log2(seconds / SHORTEST) * BUCKETS_PER_DOUBLING));
}

/** The middle of a bucket, in seconds. */
function middleOf(bucket: number): number {
  return bucket === 0 ? SHORTEST : SHORTEST * 2 ** ((bucket - 0.5) / BUCKETS_PER_DOUBLING);
}

export class LatencyHistogram {
  readonly #counts = new Map<number, number>();

  observe(seconds: number): void {
    this.add(bucketOf(seconds), 1);
  }

  add(bucket: number, count: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
  }

  get counts(): BucketCounts {
    return this.#counts;
  }

  /** What was counted since it was last taken. */
  take(): BucketCounts {
    const taken = new Map(this.#counts);
    this.#counts.clear();
    return taken;
  }
}

/** The percentiles asked for (0 to 1), by nearest rank; null when nothing was counted. */
export function percentilesOf(counts: BucketCounts, wanted: readonly number[]): (number | null)[] {
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const total = buckets.reduce((sum, [, count]) => sum + count, 0);
  return wanted.map((quantile) => {
    const rank = Math.max(1, Math.ceil(quantile * total));
    let seen = 0;
    for (const [bucket, count] of buckets) {
      seen += count;
      if (seen >= rank) return middleOf(bucket);
    }
    return null;
  });
}

/** The mean, in seconds, off by {@link MAX_ERROR} of it at most; null when nothing was counted. */
export function meanOf(counts: BucketCounts): number | null {
  let total = 0;
  let seconds = 0;
  for (const [bucket, count] of counts) {
    total += count;
    seconds += count * middleOf(bucket);
  }
  return total > 0 ? seconds / total : null;
}
