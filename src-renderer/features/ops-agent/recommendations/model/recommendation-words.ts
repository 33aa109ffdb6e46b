/** Recommendations, sorted and in words. Pure. */
import type { OpsRecommendation } from '../../../../../src-contract/index.ts';
import type { Tone } from '../../../../ui/Badge.tsx';

export const IMPACTS: Readonly<Record<OpsRecommendation['impact'], { label: string; tone: Tone }>> = {
  high: { label: 'High impact', tone: 'bad' },
  medium: { label: 'Medium impact', tone: 'warn' },
  low: { label: 'Low impact', tone: 'plain' },
};
const BY_IMPACT = ['high', 'medium', 'low'] as const;

export interface SortedRecommendations {
  open: readonly OpsRecommendation[];
  applied: readonly OpsRecommendation[];
  dismissed: readonly OpsRecommendation[];
}

/** By what became of them; of each, the greatest impact first, and as the engine has them otherwise. */
export function sortRecommendations(all: readonly OpsRecommendation[]): SortedRecommendations {
  const sorted = all.toSorted((one, other) => BY_IMPACT.indexOf(one.impact) - BY_IMPACT.indexOf(other.impact));
  const of = (wanted: OpsRecommendation['state']['state']) => sorted.filter(({ state }) => state.state === wanted);
  return { open: of('open'), applied: of('applied'), dismissed: of('dismissed') };
}

const SQL = /^\s*(--|alter|analy[sz]e|create|drop|reindex|select|set|vacuum|with)\b/i;

/** What a statement is written in, for its colours. */
export const languageOf = (statement: string): 'sql' | 'bash' => (SQL.test(statement) ? 'sql' : 'bash');
