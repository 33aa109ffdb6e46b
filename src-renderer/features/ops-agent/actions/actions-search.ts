/** What of the view is in the address. */
export type ActionsSearch = Record<string, never>;

export const actionsSearch = (_search: Record<string, unknown>): ActionsSearch => ({});
