/** What the recorded rounds say of a period. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LoggedRound, RoundLog } from '../records/round-log.ts';
import type { Period } from './period.ts';
import { Uptime } from './uptime.ts';

/** Rounds read before everybody else gets a turn: reading one takes up to a millisecond. */
const PAGE = 25;
/** The longest that a round speaks for: two of the longest intervals. */
const LONGEST_ROUND_MS = 7_200_000;
const MINUTE_MS = 60_000;

/** What several processes told of their requests, added up over the time. */
export interface SharedCounts {
  requests: number;
  failed_requests: number;
  events: number;
}

export interface RecordedTime {
  uptime: Uptime;
  /** Undefined where one process at a time was seen: its own figures are exact, also over a restart. */
  shared: SharedCounts | undefined;
}

/** @throws SqliteFileError; the reason of the signal */
export async function recordedTime(
  rounds: RoundLog,
  org_id: string,
  period: Period,
  signal: AbortSignal,
): Promise<RecordedTime> {
  const uptime = new Uptime(period);
  const counts: SharedCounts = { requests: 0, failed_requests: 0, events: 0 };
  let isShared = false;
  const take = (round: LoggedRound) => {
    const ms = uptime.add(round);
    isShared ||= round.observations.filter(({ signal: name }) => name === 'api_requests_per_minute').length > 1;
    addRates(counts, round, ms / MINUTE_MS);
  };
  let after_ms = period.from_ms;
  for (;;) {
    const page = rounds.read(org_id, { from_ms: after_ms, to_ms: period.to_ms, limit: PAGE });
    for (const round of page) take(round);
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after_ms = last.at_ms;
    await nextTurn(undefined, { signal });
  }
  // The one after the end speaks for the time before it.
  const beyond = { from_ms: period.to_ms, to_ms: period.to_ms + LONGEST_ROUND_MS, limit: 1 };
  for (const round of rounds.read(org_id, beyond)) take(round);
  return { uptime, shared: isShared ? counts : undefined };
}

/** A rate of the last five minutes, for the time that the round speaks for. */
function addRates(counts: SharedCounts, { observations }: LoggedRound, minutes: number): void {
  const failing = new Map<string, number>();
  for (const { signal, labels, value } of observations) {
    if (signal === 'api_error_percent') failing.set(labels.node ?? '', value / 100);
  }
  for (const { signal, labels, value } of observations) {
    if (signal === 'events_per_minute') counts.events += value * minutes;
    if (signal !== 'api_requests_per_minute') continue;
    counts.requests += value * minutes;
    counts.failed_requests += value * minutes * (failing.get(labels.node ?? '') ?? 0);
  }
}
