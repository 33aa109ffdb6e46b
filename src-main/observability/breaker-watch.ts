/** What observability is told of circuit breakers, wherever they come from. */
import type { GUARD_STATES, GUARDED_SERVICES } from '../../src-contract/index.ts';

export type BreakerService = (typeof GUARDED_SERVICES)[number];
export type BreakerState = (typeof GUARD_STATES)[number];

export interface BreakerReading {
  /** Its own: there may be several before services of a kind. */
  name: string;
  service: BreakerService;
  state: BreakerState;
  /** Why it is not closed, in words; null when nothing is to be said. */
  reason: string | null;
}

export interface BreakerWatch {
  /** Every breaker as it is now. Costs nothing. */
  list(): readonly BreakerReading[];
  /** Calls the listener with every change of a state, right after it. */
  onTransition(listener: (service: BreakerService, to: BreakerState) => void): void;
}
