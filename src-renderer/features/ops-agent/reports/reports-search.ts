/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';

export const reportsSearch = z.object({
  /** The report that is read; without it the newest. */
  report: z.uuid().optional().catch(undefined),
});
