/** What of the view is in the address. */
export type RecommendationsSearch = Record<string, never>;

export const recommendationsSearch = (_search: Record<string, unknown>): RecommendationsSearch => ({});
