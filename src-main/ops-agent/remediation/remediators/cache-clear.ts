/**
 * Empties the caches of a process. Answers to idempotency keys are none of them: they are in the database and keep a write
 * that is sent twice from being done twice.
 */
import type { OpsSources } from '../../deps.ts';
import { fact, type Remediator } from '../remediator.ts';
import { operatorOnly } from './operator-only.ts';

/** The figures it may help with are of the last five minutes. */
const WITHIN_MS = 10 * 60_000;

interface Sources extends Pick<OpsSources, 'caches'> {
  resilience: Pick<OpsSources['resilience'], 'states'>;
}

export function cacheClear({ caches, resilience }: Sources, node: string): Remediator {
  const facts = () => caches.map(({ title, entries }) => fact(title, entries()));
  const entries = () => caches.reduce((sum, cache) => sum + cache.entries(), 0);
  return {
    name: 'cache-clear',
    title: 'Empty the caches of a process',
    precondition: 'The database answers: while it is away, answers are given from these caches.',
    effect:
      'Forgets the last good contexts and the memory controls that the process knows; they are read again when they are needed. Answers to idempotency keys stay: they keep writes from being done twice.',
    risk: 'low',
    verification: 'Something was forgotten, and the alert that it was done for ends.',
    done_by: 'process',
    limit_ms: 10_000,
    targetOf: ({ node: of }) => ({ node: of ?? node }),
    targets: async (scope) =>
      operatorOnly(scope) === null
        ? [{ target: { node }, title: `Caches of ${node}`, detail: `${entries()} entries`, blocked: databaseAway() }]
        : [],
    look: async (scope) => ({
      what: `Empty the caches of ${node}.`,
      facts: facts(),
      blocked: operatorOnly(scope) ?? databaseAway(),
    }),
    run: async () => {
      const cleared = caches.map((cache) => ({ title: cache.title, entries: cache.clear() }));
      const total = cleared.reduce((sum, cache) => sum + cache.entries, 0);
      const told = cleared.map((cache) => `${cache.title}: ${cache.entries}`).join(', ');
      return {
        outcome: total === 0 ? 'The caches were empty already.' : `${total} entries were forgotten (${told}).`,
        within_ms: WITHIN_MS,
        check: async (calm) => {
          // An alert that ends though they were empty ended by itself.
          if (total === 0) return { verdict: 'did_not_help' };
          return { verdict: calm === false ? 'not_yet' : 'helped' };
        },
      };
    },
  };

  function databaseAway(): string | null {
    const breaker = resilience.states().find(({ name }) => name === 'postgres');
    return breaker && breaker.state.state !== 'closed'
      ? 'The database is away: what is in the caches is what is answered with until it is back.'
      : null;
  }
}
