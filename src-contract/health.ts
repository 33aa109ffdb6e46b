/** Routes that say how Archon is. `/health` needs no token. */
import { z } from 'zod';
import { base } from './base.ts';
import { instant } from './primitives.ts';

export const componentHealth = z.object({
  component: z.enum(['database', 'sessions', 'data_folder']),
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  latency_ms: z.number().nullable(),
  detail: z.string().describe('What it is, or what is wrong and what to do.'),
});
export type ComponentHealth = z.infer<typeof componentHealth>;

export const deepHealth = z.object({
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  version: z.string(),
  started_at: instant,
  checked_at: instant,
  components: z.array(componentHealth),
});
export type DeepHealth = z.infer<typeof deepHealth>;

export const healthContract = {
  live: base
    .route({
      method: 'GET',
      path: '/health',
      tags: ['health'],
      summary: 'Answers while the process lives',
      spec: (operation) => ({ ...operation, security: [] }),
    })
    .output(z.object({ status: z.literal('ok'), version: z.string() })),
  deep: base
    .route({ method: 'GET', path: '/health/deep', tags: ['health'], summary: 'Every store, checked now' })
    .output(deepHealth),
};
