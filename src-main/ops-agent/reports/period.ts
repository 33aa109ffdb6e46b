/** The time that a report is of, and those it is compared with. */

const DAY_MS = 86_400_000;
/** A report of more than a day, with its hour more or less twice a year, is not compared with days. */
const LONGEST_COMPARED_MS = 26 * 3_600_000;
const DAYS = 7;

/** After `from_ms`, up to `to_ms`. */
export interface Period {
  from_ms: number;
  to_ms: number;
}

export const lengthOf = ({ from_ms, to_ms }: Period): number => to_ms - from_ms;

export const isWithin = ({ from_ms, to_ms }: Period, at_ms: number): boolean => at_ms > from_ms && at_ms <= to_ms;

/** The same hours of each of the seven days before, the last first; none for a report of more than a day. */
export function periodsBefore(period: Period): Period[] {
  if (lengthOf(period) > LONGEST_COMPARED_MS) return [];
  return Array.from({ length: DAYS }, (_, index) => shifted(period, (index + 1) * DAY_MS));
}

const shifted = ({ from_ms, to_ms }: Period, by_ms: number): Period => ({
  from_ms: from_ms - by_ms,
  to_ms: to_ms - by_ms,
});

/** All of the seven days before, for what cannot be made from the figures of each. */
export function weekBefore(period: Period): Period | undefined {
  if (lengthOf(period) > LONGEST_COMPARED_MS) return undefined;
  return { from_ms: period.from_ms - DAYS * DAY_MS, to_ms: period.from_ms };
}

/** Part of a period that another one covers, 0 to 1. */
export function overlap(period: Period, other: Period): number {
  const shared_ms = Math.min(period.to_ms, other.to_ms) - Math.max(period.from_ms, other.from_ms);
  return Math.max(0, shared_ms) / Math.max(lengthOf(period), lengthOf(other));
}
