/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';

export const WORKER_VIEWS = ['state', 'runs'] as const;
export type WorkerView = (typeof WORKER_VIEWS)[number];

export const workersSearch = z.object({
  /** The worker whose details are open. */
  worker: z.coerce.string().min(1).max(100).optional().catch(undefined),
  view: z.enum(WORKER_VIEWS).optional().catch(undefined),
  /** In the log of its runs: only those that failed. */
  failed: z.literal(true).optional().catch(undefined),
});
export type WorkersSearch = z.infer<typeof workersSearch>;
