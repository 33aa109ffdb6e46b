/** What of the view is in the address. */
export type ReportsSearch = Record<string, never>;

export const reportsSearch = (_search: Record<string, unknown>): ReportsSearch => ({});
