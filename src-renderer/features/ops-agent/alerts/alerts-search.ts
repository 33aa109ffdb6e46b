/** What of the view is in the address. */
export type AlertsSearch = Record<string, never>;

export const alertsSearch = (_search: Record<string, unknown>): AlertsSearch => ({});
