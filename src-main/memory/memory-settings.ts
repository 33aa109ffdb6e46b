/** The settings memory works by, read at each use so that a change takes effect at once. */
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
}
