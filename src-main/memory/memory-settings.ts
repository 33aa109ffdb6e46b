import type { Scope } from '../identity/scope.ts';

/** What memory works by in an organisation. Asked for at each use: it changes while the engine runs. */
export type MemorySettingsOf = (scope: Pick<Scope, 'org_id'>) => MemorySettings;

export interface MemorySettings {
  /** Days a working memory lives when its writer does not say, 7–30. */
  working_ttl_days: number;
  session_ttl_seconds: number;
  relevance_half_life_days: number;
  importance_half_life_days: number;
  /** A PostgreSQL text search configuration, such as "english". */
  search_language: string;
  /** Shares of the context budget, 0–1, kept for each layer before the rest is given to whoever needs it. */
  reserves: { session: number; working: number; longterm: number };
  /** From 0 to 1: long-term memories whose importance is less now are left out of contexts, unless they are pinned. */
  longterm_min_importance: number;
}
