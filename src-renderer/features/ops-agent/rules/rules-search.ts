/** What of the view is in the address. */
export type RulesSearch = Record<string, never>;

export const rulesSearch = (_search: Record<string, unknown>): RulesSearch => ({});
