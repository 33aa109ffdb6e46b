/** What of the view is in the address. */
export type StatusSearch = Record<string, never>;

export const statusSearch = (_search: Record<string, unknown>): StatusSearch => ({});
