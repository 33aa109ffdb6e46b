/** What of the view is in the address. */
export type ChannelsSearch = Record<string, never>;

export const channelsSearch = (_search: Record<string, unknown>): ChannelsSearch => ({});
