/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';

export const recommendationsSearch = z.object({
  /** Also those that were dismissed. */
  dismissed: z.literal(true).optional().catch(undefined),
});
