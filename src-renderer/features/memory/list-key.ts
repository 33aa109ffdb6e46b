/** Where the query cache keeps a list that was left. */
import type { QueryKey } from '@tanstack/react-query';

const ENDLESS = 'endless';

/** @param layer the key of all that is kept of the layer */
export const listKey = (layer: QueryKey, input: { user_id: string }): QueryKey => [...layer, ENDLESS, input];

/** The key is that of a list of the user's memories. */
export function isListOf(key: QueryKey, user_id: string): boolean {
  const [mark, input] = key.slice(-2);
  if (mark !== ENDLESS || typeof input !== 'object' || input === null) return false;
  return 'user_id' in input && input.user_id === user_id;
}
