/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { profileId } from '../../../../src-contract/profiles.ts';

export const connectionsSearch = z.object({
  /** The profile that is edited, or `new`. */
  profile: z
    .union([z.literal('new'), profileId])
    .optional()
    .catch(undefined),
});
export type ConnectionsSearch = z.infer<typeof connectionsSearch>;
