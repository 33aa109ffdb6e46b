/** Routes that say how Archon is. `/health` needs no token. */
import { z } from 'zod';
import { base } from './base.ts';
import { instant } from './primitives.ts';

export const HEALTH_STATUSES = ['healthy', 'degraded', 'unhealthy'] as const;
export const HEALTH_COMPONENTS = [
  'database',
  'sessions',
  'data_folder',
  'event_log',
  'delivery',
  'session_outbox',
  'workers',
  'breakers',
] as const;

export const componentHealth = z.object({
  component: z.enum(HEALTH_COMPONENTS),
  status: z.enum(HEALTH_STATUSES),
  latency_ms: z.number().nullable().describe('How long it took to find out; null when there was no answer.'),
  detail: z.string().describe('What it is, or what is wrong and what to do.'),
  since: instant.describe('When this status began, as far as this process has seen.'),
  last_error: z
    .object({ message: z.string(), at: instant })
    .nullable()
    .describe('What was wrong when it was last not well, also after it is well again.'),
  advice: z.string().nullable().describe('What to do; null when there is nothing to do.'),
});
export type ComponentHealth = z.infer<typeof componentHealth>;

export const deepHealth = z.object({
  status: z.enum(HEALTH_STATUSES),
  version: z.string(),
  started_at: instant,
  checked_at: instant,
  components: z.array(componentHealth),
});
export type DeepHealth = z.infer<typeof deepHealth>;

const TAGS = ['health'];
const CHECKED = 'Each component is asked within a limit of its own, all at once; an answer may be a second old.';

export const healthContract = {
  live: base
    .route({
      method: 'GET',
      path: '/health',
      tags: TAGS,
      summary: 'Answers while the process lives',
      spec: (operation) => ({ ...operation, security: [] }),
    })
    .output(z.object({ status: z.literal('ok'), version: z.string() })),
  deep: base
    .route({
      method: 'GET',
      path: '/health/deep',
      tags: TAGS,
      summary: 'Every component: how it is, since when, and what to do',
      description: CHECKED,
    })
    .output(deepHealth),
  memory: base
    .route({
      method: 'GET',
      path: '/health/memory',
      tags: TAGS,
      summary: 'What memory needs: database, sessions, data folder',
      description: CHECKED,
    })
    .output(deepHealth),
  events: base
    .route({
      method: 'GET',
      path: '/health/events',
      tags: TAGS,
      summary: 'What events need: the log, their delivery, the way of session events into the log',
      description: CHECKED,
    })
    .output(deepHealth),
};
