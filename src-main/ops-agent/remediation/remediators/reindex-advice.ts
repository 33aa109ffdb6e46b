/** Looks through the statistics of the database, and writes down what would make it faster. Changes nothing. */
import type { OpsRecommendation } from '../../../../src-contract/index.ts';
import type { Scope } from '../../../identity/scope.ts';
import { fact, type Remediator } from '../remediator.ts';

export interface AdviceSource {
  /** Looks for all there is to recommend now; those that are open. */
  refresh(scope: Scope, signal: AbortSignal): Promise<readonly OpsRecommendation[]>;
  open(scope: Scope): readonly OpsRecommendation[];
}

export function reindexAdvice(advice: AdviceSource): Remediator {
  return {
    name: 'reindex-advice',
    title: 'Look for what would make it faster',
    precondition: 'It can be done at any time.',
    effect:
      'Reads the statistics of the database and what was observed, and writes recommendations. It changes nothing.',
    risk: 'none',
    verification: 'There are recommendations; whether they help is seen once a person has followed them.',
    done_by: 'anybody',
    limit_ms: 60_000,
    targetOf: () => ({}),
    targets: async () => [{ target: {}, title: 'Database and figures', detail: null, blocked: null }],
    look: async (scope) => ({
      what: 'Look for what would make Archon faster, and write recommendations.',
      facts: [fact('Open recommendations', advice.open(scope).length)],
      blocked: null,
    }),
    run: async (scope, _target, signal) => {
      const found = await advice.refresh(scope, signal);
      const titles = found.slice(0, 3).map(({ title }) => title);
      const more = found.length > titles.length ? ` and ${found.length - titles.length} more` : '';
      return {
        outcome:
          found.length === 0
            ? 'There is nothing to recommend.'
            : `${found.length} recommendations, for a person to decide: ${titles.join('; ')}${more}.`,
        within_ms: 0,
        check: async () => ({ verdict: found.length > 0 ? 'helped' : 'did_not_help' }),
      };
    },
  };
}
