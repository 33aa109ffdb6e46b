/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { DEAD_LETTER_STATES } from '../../../../src-contract/dead-letters.ts';

const text = z.coerce.string().trim().min(1).max(500).optional().catch(undefined);
const list = <T extends z.ZodType>(item: T) =>
  z
    .union([z.array(item).min(1).max(100), item.transform((one) => [one])])
    .optional()
    .catch(undefined);
const seconds = z.int().min(1).max(3_153_600_000).optional().catch(undefined);

export const deadLettersSearch = z.object({
  /** Without it those that somebody has to deal with: dead and replaying. */
  state: list(z.enum(DEAD_LETTER_STATES)),
  type: list(z.string().min(1).max(500)),
  subscriber: text,
  /** Part of the error. */
  error: text,
  older: seconds,
  younger: seconds,
  /** The dead letter whose details are open. */
  letter: z.uuid().optional().catch(undefined),
});
export type DeadLettersSearch = z.infer<typeof deadLettersSearch>;

/** The members that narrow the list. */
export const FILTERS = ['state', 'type', 'subscriber', 'error', 'older', 'younger'] as const;
export const NO_FILTERS = Object.fromEntries(FILTERS.map((name) => [name, undefined])) as Record<
  (typeof FILTERS)[number],
  undefined
>;

export const hasFilters = (search: DeadLettersSearch): boolean => FILTERS.some((name) => search[name] !== undefined);
