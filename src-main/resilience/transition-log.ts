/**
 * Tells of changes of breakers: in the log, in the local history, as events.
 *
 * A service that is away for hours is tried every few seconds. That a trial failed is no news: it is kept only once one
 * leads to something else.
 */
import type { Logger } from 'pino';
import type { BreakerTransition } from '../../src-contract/index.ts';
import type { LocalStore } from './local-store.ts';

export class TransitionLog {
  readonly #store: Pick<LocalStore, 'addTransition'>;
  readonly #logger: Logger;
  /** Trials under way, by breaker. */
  readonly #trials = new Map<string, BreakerTransition>();

  constructor(deps: { store: Pick<LocalStore, 'addTransition'>; logger: Logger }) {
    this.#store = deps.store;
    this.#logger = deps.logger;
  }

  /** @param org_id who may see it */
  add(transition: BreakerTransition, org_id: string): void {
    const { breaker, from, to } = transition;
    if (to === 'half_open') {
      this.#trials.set(breaker, transition);
      return;
    }
    const trial = this.#trials.get(breaker);
    this.#trials.delete(breaker);
    if (from === 'half_open' && to === 'open') {
      this.#logger.debug({ breaker, error: transition.error }, `breaker ${breaker}: is still away`);
      return;
    }
    if (trial) this.#keep(trial, org_id);
    this.#write(transition);
    this.#keep(transition, org_id);
  }

  #write({ breaker, from, to, failures, error, reason, by }: BreakerTransition): void {
    const level = to === 'open' ? 'warn' : 'info';
    this.#logger[level]({ breaker, from, to, failures, error, reason, by }, `breaker ${breaker}: ${to}`);
  }

  #keep(transition: BreakerTransition, org_id: string): void {
    const { id, breaker, from, to, at, failures, error, reason, by } = transition;
    const payload = { breaker, from, to, reason, since: at, failures, error };
    const event = { type: 'system.breaker.changed', user_id: null, payload } as const;
    try {
      this.#store.addTransition(
        { ...transition, org_id },
        { source_id: `breaker/${id}`, org_id, actor: by ?? 'archon', at, event },
      );
    } catch (fault) {
      // A full disk must not keep a breaker from doing its work.
      this.#logger.error({ err: fault, breaker, from, to }, 'a change of a breaker could not be kept');
    }
  }
}
