/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { HEALTH_COMPONENTS } from '../../../../src-contract/health.ts';

export const BREAKER_VIEWS = ['state', 'settings', 'history'] as const;
export type BreakerView = (typeof BREAKER_VIEWS)[number];

/** One drawer is open at a time: the first of these that is there. */
export const healthSearch = z.object({
  component: z.enum(HEALTH_COMPONENTS).optional().catch(undefined),
  breaker: z.coerce.string().min(1).max(100).optional().catch(undefined),
  /** The part of the breaker's details. */
  view: z.enum(BREAKER_VIEWS).optional().catch(undefined),
  /** What happened to all breakers. */
  history: z.literal(true).optional().catch(undefined),
  /** Writes that their store refused. */
  refused: z.literal(true).optional().catch(undefined),
  /** The refused write whose details are open. */
  write: z.uuid().optional().catch(undefined),
});
export type HealthSearch = z.infer<typeof healthSearch>;
