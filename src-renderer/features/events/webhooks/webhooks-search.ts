/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';

export const webhooksSearch = z.object({
  /** The webhook whose details are open. */
  webhook: z.uuid().optional().catch(undefined),
  /** Of its requests only those that were not accepted. */
  failed: z.literal(true).optional().catch(undefined),
});
export type WebhooksSearch = z.infer<typeof webhooksSearch>;
