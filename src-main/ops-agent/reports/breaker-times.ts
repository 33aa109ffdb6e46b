/** Openings of breakers in a period, and how long each was open, from the history of their changes. */
import type { Breaker, BreakerTransition, OpsReportData } from '../../../src-contract/index.ts';
import { isWithin, type Period } from './period.ts';

type Told = OpsReportData['breakers'][number];
type State = BreakerTransition['from'];

/** One that is tried again is still open for everybody else; one that a person isolated is not. */
const isOpen = (state: State): boolean => state === 'open' || state === 'half_open';

/** What a report lists: each webhook has a breaker. */
const LISTED = 50;

/**
 * @param history changes of the period and after it, in any order
 * @param now how the breakers are, for those without a change since the period began
 */
export function breakerTimes(period: Period, history: readonly BreakerTransition[], now: readonly Breaker[]): Told[] {
  const changes = Map.groupBy(history, ({ breaker }) => breaker);
  const names = new Set([...changes.keys(), ...now.map(({ name }) => name)]);
  const told = [...names].map((name) => {
    const own = (changes.get(name) ?? []).toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
    return timesOf(
      name,
      period,
      own,
      now.find((breaker) => breaker.name === name),
    );
  });
  return told
    .filter(({ openings, open_seconds }) => openings > 0 || open_seconds > 0)
    .toSorted((a, b) => b.openings - a.openings || b.open_seconds - a.open_seconds)
    .slice(0, LISTED);
}

export function openingsIn(period: Period, history: readonly BreakerTransition[]): number {
  return history.filter((change) => isOpening(change) && isWithin(period, Date.parse(change.at))).length;
}

const isOpening = ({ from, to }: BreakerTransition): boolean => to === 'open' && !isOpen(from);

function timesOf(
  breaker: string,
  period: Period,
  changes: readonly BreakerTransition[],
  now: Breaker | undefined,
): Told {
  const after = changes.filter(({ at }) => Date.parse(at) > period.from_ms);
  let is_open = isOpen(after[0]?.from ?? stateAtBegin(period, changes, now));
  let since_ms = period.from_ms;
  let open_ms = 0;
  for (const { at, to } of after) {
    const at_ms = Math.min(Date.parse(at), period.to_ms);
    if (is_open) open_ms += at_ms - since_ms;
    since_ms = at_ms;
    is_open = isOpen(to);
  }
  if (is_open) open_ms += period.to_ms - since_ms;
  const inside = changes.filter(({ at }) => isWithin(period, Date.parse(at)));
  const last = inside.findLast(({ to }) => to === 'open');
  return {
    breaker,
    openings: inside.filter(isOpening).length,
    open_seconds: open_ms / 1000,
    last_error: last?.error ?? (open_ms > 0 && now?.state.state === 'open' ? now.state.error : null),
  };
}

/** Nothing changed since the period began: it is now as it was then, unless it was never told of. */
function stateAtBegin(period: Period, changes: readonly BreakerTransition[], now: Breaker | undefined): State {
  const before = changes.at(-1);
  if (before !== undefined) return before.to;
  const state = now?.state;
  return state !== undefined && 'since' in state && Date.parse(state.since) <= period.from_ms ? state.state : 'closed';
}
