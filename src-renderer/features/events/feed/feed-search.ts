/** What the URL of the live feed says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { EVENT_TYPES, eventId } from '../../../../src-contract/events.ts';
import { partOfText, timestamp, userId } from '../../../../src-contract/primitives.ts';
import type { FeedFilter } from './model/event-match.ts';

const list = z
  .union([z.array(z.coerce.string()), z.coerce.string().transform((one) => [one])])
  .optional()
  .catch(undefined);
const time = z.coerce.string().pipe(timestamp).optional().catch(undefined);

export const feedSearch = z.object({
  type: list,
  user: z.coerce.string().pipe(userId).optional().catch(undefined),
  q: z.coerce.string().pipe(partOfText.min(1)).optional().catch(undefined),
  from: time,
  to: time,
  /** The event whose details are open. */
  event: z.coerce.string().pipe(eventId).optional().catch(undefined),
});
export type FeedSearch = z.infer<typeof feedSearch>;

export const NO_FILTERS = { type: undefined, user: undefined, q: undefined, from: undefined, to: undefined } as const;

export const hasFilters = (search: FeedSearch): boolean =>
  Object.keys(NO_FILTERS).some((name) => search[name as keyof typeof NO_FILTERS] !== undefined);

/** As the server is asked for it. Types it does not know mean nothing. */
export function filterOf({ type, user, q, from, to }: FeedSearch): FeedFilter {
  const types = EVENT_TYPES.filter((one) => type?.includes(one));
  return {
    ...(types.length > 0 ? { types } : {}),
    ...(user === undefined ? {} : { user_id: user }),
    ...(q === undefined ? {} : { text: q }),
    ...(from === undefined ? {} : { created_after: from }),
    ...(to === undefined ? {} : { created_before: to }),
  };
}
