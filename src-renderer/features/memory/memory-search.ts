/** What the URL of the memory inspector says: whose memory, which tab, what is filtered and what is open. */
import { z } from 'zod';

export const TABS = ['session', 'working', 'longterm'] as const;
export type Tab = (typeof TABS)[number];
export const PANELS = ['stats', 'context', 'controls'] as const;
export type Panel = (typeof PANELS)[number];
export const SORTS = ['newest', 'oldest', 'score'] as const;
export type Sort = (typeof SORTS)[number];

/** A URL is typed by hand or kept for years: what cannot be read is left out, never an error. */
const text = z.coerce.string().min(1).max(1000).optional().catch(undefined);
const list = z
  .union([z.array(z.coerce.string()), z.coerce.string().transform((one) => [one])])
  .optional()
  .catch(undefined);
const day = z.iso.date().optional().catch(undefined);
const flag = z.literal(true).optional().catch(undefined);

export const memorySearch = z.object({
  user: text,
  tab: z.enum(TABS).optional().catch(undefined),
  panel: z
    .enum([...PANELS, 'none'])
    .optional()
    .catch(undefined),
  /** The memory whose details are open. */
  memory: z.uuid().optional().catch(undefined),
  /** The session whose conversation is open, and the message to show in it. */
  session: text,
  message: text,
  type: list,
  tag: list,
  q: text,
  from: day,
  to: day,
  min: z.number().min(0).max(1).optional().catch(undefined),
  sort: z.enum(SORTS).optional().catch(undefined),
  pinned: flag,
  superseded: flag,
  expired: flag,
  deleted: flag,
});
export type MemorySearch = z.infer<typeof memorySearch>;

/** The members that narrow a list. */
export const FILTERS = ['type', 'tag', 'q', 'from', 'to', 'min', 'pinned', 'superseded', 'expired', 'deleted'] as const;
export type FilterName = (typeof FILTERS)[number];

export const NO_FILTERS = Object.fromEntries(FILTERS.map((name) => [name, undefined])) as Record<FilterName, undefined>;

/** How many filters are set. */
export const filterCount = (search: MemorySearch): number =>
  FILTERS.filter((name) => search[name] !== undefined).length;
