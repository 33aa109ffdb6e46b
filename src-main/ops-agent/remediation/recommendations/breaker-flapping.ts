/** Breakers that open often and close soon after. */
import type { BreakerTransition } from '../../../../src-contract/index.ts';
import { type Advisor, type Found, facts } from './advisor.ts';

const DAY_MS = 86_400_000;
/** Openings in a day from which on it flaps. */
const OFTEN = 5;
const MOST_TRANSITIONS = 500;
/** As the setting allows. */
const HIGHEST_THRESHOLD = 10;

export const breakerFlapping: Advisor = {
  name: 'breaker-flapping',
  of: 'operator',
  look: ({ sources, scope, clock }) => {
    const { items } = sources.resilience.history(scope, { limit: MOST_TRANSITIONS });
    const thresholds = new Map(sources.resilience.list(scope).map(({ name, threshold }) => [name, threshold]));
    return breakersThatFlap(items, thresholds, clock.now());
  },
};

export function breakersThatFlap(
  transitions: readonly BreakerTransition[],
  thresholds: ReadonlyMap<string, number>,
  now_ms: number,
): Found[] {
  const opened = new Map<string, BreakerTransition[]>();
  for (const one of transitions) {
    // A trial that failed goes back to open: that is one and the same outage.
    if (one.to !== 'open' || one.from !== 'closed' || now_ms - Date.parse(one.at) > DAY_MS) continue;
    opened.set(one.breaker, [...(opened.get(one.breaker) ?? []), one]);
  }
  return [...opened].flatMap(([breaker, times]) => {
    const [last] = times;
    if (times.length < OFTEN || last === undefined) return [];
    const { service, error } = last;
    const threshold = thresholds.get(breaker) ?? 0;
    const higher = Math.min(HIGHEST_THRESHOLD, threshold + 2);
    const canRise = threshold > 0 && higher > threshold;
    return [
      {
        id: `breaker-flapping:${breaker}`,
        title: `${breaker} goes and comes`,
        detail: `Its circuit breaker opened ${times.length} times in a day. Look for what cuts it off, at the service and on the way to it.${
          canRise ? ' When single calls fail without that it is away, a higher threshold keeps it closed.' : ''
        }`,
        impact: 'medium',
        evidence: facts({
          'Opened in a day': times.length,
          'Last at': last.at,
          'Failed with': error ?? 'not known',
          ...(threshold > 0 ? { 'Failures that open it': threshold } : {}),
        }),
        statement: canRise ? `archon config set resilience.${service}.threshold ${higher}` : null,
        apply: null,
      },
    ];
  });
}
