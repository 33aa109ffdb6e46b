/** What observability is told of circuit breakers, wherever they come from. */
import type { BREAKER_STATES, Breaker, RESILIENT_SERVICES } from '../../src-contract/index.ts';
import { assertNever } from '../errors.ts';
import type { Resilience } from '../resilience/resilience.ts';

export type BreakerService = (typeof RESILIENT_SERVICES)[number];
export type BreakerState = (typeof BREAKER_STATES)[number];

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

type Watched = Pick<Resilience, 'states' | 'onTransition'> & {
  webhooks: { all(): readonly { readonly state: Breaker['state'] }[] };
};

/**
 * The breakers of this process, as observability sees them; those of services it has not are left out. Webhooks belong to
 * organisations, and figures are read by all of them: which one it is and what its receiver said is left out.
 */
export function watchBreakers(resilience: Watched): BreakerWatch {
  return {
    list: () => [
      ...resilience
        .states()
        .filter(({ in_use }) => in_use)
        .map(({ name, service, state }) => ({ name, service, state: state.state, reason: reasonOf(state) })),
      ...resilience.webhooks
        .all()
        .map(({ state }) => ({ name: 'webhook', service: 'webhook' as const, state: state.state, reason: null })),
    ],
    onTransition: (listener) => void resilience.onTransition(({ service, to }) => listener(service, to)),
  };
}

function reasonOf(state: Breaker['state']): string | null {
  switch (state.state) {
    case 'open':
      return state.error;
    case 'isolated':
      return `Isolated by ${state.by}: ${state.reason}`;
    case 'closed':
    case 'half_open':
      return null;
    default:
      return assertNever(state);
  }
}
