/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { DELIVERY_STATE_NAMES } from './model/delivery-words.ts';

const id = z.coerce.string().trim().min(1).max(100).optional().catch(undefined);

export const channelsSearch = z.object({
  /** Without it the channels. */
  view: z.literal('log').optional().catch(undefined),
  /** The channel that is open. */
  channel: id,
  /** A new one of this kind is written. */
  new: z.enum(['desktop', 'email', 'slack', 'webhook']).optional().catch(undefined),
  /** Of the log: only through this channel. */
  of: id,
  state: z
    .union([
      z.array(z.enum(DELIVERY_STATE_NAMES)).min(1).max(5),
      z.enum(DELIVERY_STATE_NAMES).transform((one) => [one]),
    ])
    .optional()
    .catch(undefined),
  /** What was sent, whose details are open. */
  delivery: z.uuid().optional().catch(undefined),
});
export type ChannelsSearch = z.infer<typeof channelsSearch>;
