/** Contexts that take long to put together and are large: fewer tokens make them quicker. */
import { type Advisor, facts } from './advisor.ts';

const HOUR_SECONDS = 3600;
const SLOW_SECONDS = 0.3;
/** Part of the largest context that they fill on average. */
const FULL = 0.5;
const SMALLEST_TOKENS = 1000;

export const slowContexts: Advisor = {
  name: 'slow-contexts',
  of: 'operator',
  look: async ({ sources, settings, scope }) => {
    const { lines } = await sources.metrics.series({
      names: ['context_assembly', 'context_tokens'],
      last_seconds: HOUR_SECONDS,
      max_points: 60,
    });
    const of = (series: string, line: string) =>
      lines
        .find((one) => one.series === series && one.line === line)
        ?.values.flatMap((value) => value ?? [])
        .sort((a, b) => a - b) ?? [];
    const p95 = median(of('context_assembly', 'p95'));
    const tokens = median(of('context_tokens', 'mean'));
    const most = settings.of(scope.org_id)['memory.max_tokens'];
    if (p95 === undefined || tokens === undefined || p95 < SLOW_SECONDS || tokens < FULL * most) return [];
    const fewer = Math.max(SMALLEST_TOKENS, Math.round(most / 2));
    if (fewer >= most) return [];
    return [
      {
        id: 'slow-contexts',
        title: 'Smaller contexts',
        detail:
          'Contexts are large, and putting them together takes long. A smaller budget makes them quicker, and agents cheaper; what matters most stays in them.',
        impact: 'medium',
        evidence: facts({
          '95 of 100 within': `${Math.round(p95 * 1000)} ms`,
          'Tokens on average': Math.round(tokens),
          'Tokens at most': most,
        }),
        statement: `archon config set memory.max_tokens ${fewer}`,
        apply: null,
      },
    ];
  },
};

const median = (sorted: readonly number[]): number | undefined => sorted[Math.floor(sorted.length / 2)];
