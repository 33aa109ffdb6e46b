/** Routes of the circuit breakers: how the services that Archon depends on are, and what a person may do about it. */
import { z } from 'zod';
import { base } from './base.ts';
import { cursor, instant, labelText, pageLimit, pageOf } from './primitives.ts';

/** What Archon depends on, each behind a breaker; of `webhook` there is one for each receiver. */
export const RESILIENT_SERVICES = ['postgres', 'redis', 'embedding', 'llm', 'smtp', 'slack', 'webhook'] as const;
export const resilientService = z.enum(RESILIENT_SERVICES);
export type ResilientService = z.infer<typeof resilientService>;

/** From best to worst; the place in the list is the number a chart shows. */
export const BREAKER_STATES = ['closed', 'half_open', 'open', 'isolated'] as const;
export type BreakerStateName = (typeof BREAKER_STATES)[number];

/** How a breaker is. It is one of these at a time. */
export const breakerState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('closed'), failures: z.int().min(0).describe('In a row, so far.') }),
  z.object({
    state: z.literal('open'),
    since: instant,
    until: instant.describe('Then it is tried again.'),
    error: z.string().describe('What the last call failed with.'),
  }),
  z.object({ state: z.literal('half_open'), since: instant.describe('One call tries it.') }),
  z.object({
    state: z.literal('isolated'),
    since: instant,
    by: z.string(),
    reason: z.string(),
  }),
]);
export type BreakerState = z.infer<typeof breakerState>;

const threshold = z.int().min(1).max(10).describe('Failures in a row that open it.');
const resetSeconds = z.int().min(1).max(3600).describe('Seconds it stays open before it is tried again.');

export const breaker = z.object({
  name: z.string().describe('The service; of a webhook `webhook:` and its id.'),
  service: resilientService,
  in_use: z.boolean().describe('Whether this process has such a service.'),
  enabled: z.boolean().describe('Off: failures are not counted, and it never opens.'),
  state: breakerState,
  threshold,
  reset_seconds: resetSeconds,
  changed: z
    .array(z.enum(['enabled', 'threshold', 'reset_seconds']))
    .describe('Which of them are not as configured, but as a person set them.'),
  probe: z.boolean().describe('Whether it can be tested without giving it work.'),
  counts: z
    .object({
      succeeded: z.int().min(0).describe('Calls that were answered, mistakes of ours included.'),
      failed: z.int().min(0).describe('Calls that found it away.'),
      refused: z.int().min(0).describe('Calls that were not made because it was not closed.'),
      crowded: z.int().min(0).describe('Calls that were not made because too many were waiting.'),
      retried: z.int().min(0).describe('Attempts that were made again.'),
    })
    .describe('Since this process began.'),
  calls: z.object({
    running: z.int().min(0),
    waiting: z.int().min(0),
    most_running: z.int().positive(),
    most_waiting: z.int().min(0),
  }),
});
export type Breaker = z.infer<typeof breaker>;

/** A change of state, as it is kept. */
export const breakerTransition = z.object({
  id: z.uuid(),
  breaker: z.string(),
  service: resilientService,
  from: z.enum(BREAKER_STATES),
  to: z.enum(BREAKER_STATES),
  at: instant,
  failures: z.int().min(0).nullable().describe('In a row, when it opened.'),
  error: z.string().nullable().describe('What the last call failed with.'),
  reason: z.string().nullable(),
  by: z.string().nullable().describe('Who did it; null when it came by itself.'),
});
export type BreakerTransition = z.infer<typeof breakerTransition>;

export const breakerProbe = z.object({
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('answered'), latency_ms: z.number(), detail: z.string() }),
    z.object({ kind: z.literal('failed'), reason: z.string() }),
  ]),
  breaker,
});
export type BreakerProbe = z.infer<typeof breakerProbe>;

const TAGS = ['resilience'];
const PERSON = 'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';
const breakerName = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-z]+(:[0-9a-f-]{36})?$/, 'must be the name of a breaker')
  .describe('Such as `postgres`, or `webhook:` and the id of a webhook.');
const named = z.strictObject({ breaker: breakerName });

export const resilienceContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/resilience/breakers',
      tags: TAGS,
      summary: 'The circuit breaker of every service, and of every webhook whose receiver had failures',
    })
    .output(z.object({ items: z.array(breaker) })),
  history: base
    .route({
      method: 'GET',
      path: '/api/resilience/history',
      tags: TAGS,
      summary: 'Changes of state, newest first; the last 1,000 of each breaker are kept on this computer',
    })
    .input(z.strictObject({ breaker: breakerName.optional(), cursor: cursor.optional(), limit: pageLimit }))
    .output(pageOf(breakerTransition)),
  probe: base
    .route({
      method: 'POST',
      path: '/api/resilience/breakers/{breaker}/probe',
      tags: TAGS,
      summary: 'Test the service now; an open breaker closes when it answers',
      description: PERSON,
    })
    .input(named)
    .output(breakerProbe),
  reset: base
    .route({
      method: 'POST',
      path: '/api/resilience/breakers/{breaker}/reset',
      tags: TAGS,
      summary: 'Close it now, without a test, and forget its failures',
      description: PERSON,
    })
    .input(named)
    .output(breaker),
  isolate: base
    .route({
      method: 'POST',
      path: '/api/resilience/breakers/{breaker}/isolate',
      tags: TAGS,
      summary: 'Make no call of the service until it is released, also after a restart',
      description: PERSON,
    })
    .input(named.extend({ reason: labelText }))
    .output(breaker),
  release: base
    .route({
      method: 'POST',
      path: '/api/resilience/breakers/{breaker}/release',
      tags: TAGS,
      summary: 'End the isolation: it is closed',
      description: PERSON,
    })
    .input(named)
    .output(breaker),
  update: base
    .route({
      method: 'PATCH',
      path: '/api/resilience/services/{service}',
      tags: TAGS,
      summary: 'Change when the breakers of a service open; holds at once and on this computer',
      description: `${PERSON} Null goes back to the configuration.`,
    })
    .input(
      z.strictObject({
        service: resilientService,
        enabled: z.boolean().nullable().optional(),
        threshold: threshold.nullable().optional(),
        reset_seconds: resetSeconds.nullable().optional(),
      }),
    )
    .output(breaker),
};
