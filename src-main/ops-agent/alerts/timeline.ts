/** What happened to an alert, the last of it. */
import type { OpsTimelineEntry } from '../../../src-contract/index.ts';

export const MAX_TIMELINE = 200;

/** What something that flaps fills a timeline with: it goes first. */
const FLAPPING: readonly OpsTimelineEntry['kind'][] = ['clearing', 'fired_again'];

/** With an entry in its place by time; without the least telling of the oldest when there are too many. */
export function withEntry(timeline: readonly OpsTimelineEntry[], entry: OpsTimelineEntry): OpsTimelineEntry[] {
  const place = timeline.findLastIndex(({ at }) => at <= entry.at) + 1;
  const entries = timeline.toSpliced(place, 0, entry);
  if (entries.length <= MAX_TIMELINE) return entries;
  const least = entries.findIndex(({ kind }) => FLAPPING.includes(kind));
  // The beginning is worth more than what came after it.
  return entries.toSpliced(least === -1 ? 1 : least, 1);
}
