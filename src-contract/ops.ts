/** The ops agent itself: how it is, what it sees, and its switches. */
import { z } from 'zod';
import { base } from './base.ts';
import { OPS_PERSON, opsSeverity } from './ops-rules.ts';
import { opsMonitor, opsObservation } from './ops-signals.ts';
import { instant, labelText, timestamp } from './primitives.ts';

export const OPS_MODES = ['automatic', 'approval', 'dry_run'] as const;
export const opsMode = z.enum(OPS_MODES);
export type OpsMode = z.infer<typeof opsMode>;

/** How the agent is. It is one of these at a time. */
export const opsAgentState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('off'), reason: z.string().describe('Why it does not run in this process.') }),
  z
    .object({ state: z.literal('following'), leader: z.string().nullable() })
    .describe('Another node acts; this one observes. Null: it is not known which.'),
  z.object({ state: z.literal('waiting'), next_round_at: instant }),
  z.object({ state: z.literal('working'), since: instant, doing: z.string() }),
]);
export type OpsAgentState = z.infer<typeof opsAgentState>;

export const opsPause = z.object({
  by: z.string(),
  at: instant,
  reason: z.string().nullable(),
  until: instant.nullable().describe('Null: until somebody resumes it.'),
});
export type OpsPause = z.infer<typeof opsPause>;

export const opsStatus = z.object({
  agent: opsAgentState,
  mode: opsMode,
  paused: opsPause.nullable().describe('The kill switch: it observes and tells, and does nothing.'),
  interval_seconds: z.int().positive(),
  node: z.string().describe('Name of this process, as labels have it.'),
  last_round: z
    .object({
      at: instant,
      duration_ms: z.int().min(0),
      trigger: z.enum(['interval', 'event', 'person']),
      observations: z.int().min(0),
      error: z.string().nullable(),
    })
    .nullable(),
  monitors: z.array(
    z.object({
      monitor: opsMonitor,
      title: z.string(),
      state: z.enum(['ok', 'failed', 'timed_out', 'not_yet']),
      at: instant.nullable(),
      duration_ms: z.int().min(0).nullable(),
      error: z.string().nullable(),
      observations: z.int().min(0),
    }),
  ),
  alerts: z.object({ firing: z.int().min(0), pending: z.int().min(0), worst: opsSeverity.nullable() }),
  approvals: z.int().min(0).describe('Actions that wait for a person.'),
  actions_last_hour: z.int().min(0),
  most_actions_per_hour: z.int().min(0),
  nodes: z
    .array(z.object({ node: z.string(), seen_at: instant, leads: z.boolean() }))
    .describe('Processes that observe.'),
  storage: z
    .object({ shared: z.boolean(), unsaved: z.int().min(0), away_since: instant.nullable() })
    .describe('Where its notes are: shared by the nodes, with what waits to be shared.'),
});
export type OpsStatus = z.infer<typeof opsStatus>;

const TAGS = ['ops agent'];

export const opsContract = {
  status: base
    .route({ method: 'GET', path: '/api/ops/status', tags: TAGS, summary: 'How the ops agent is, and what it is at' })
    .output(opsStatus),
  signals: base
    .route({ method: 'GET', path: '/api/ops/signals', tags: TAGS, summary: 'What it observed in its last round' })
    .output(z.object({ at: instant.nullable(), items: z.array(opsObservation) })),
  run: base
    .route({
      method: 'POST',
      path: '/api/ops/run',
      tags: TAGS,
      summary: 'Have it look now; answers when the round is over',
      description: OPS_PERSON,
    })
    .output(opsStatus),
  pause: base
    .route({
      method: 'POST',
      path: '/api/ops/pause',
      tags: TAGS,
      summary: 'The kill switch: no action by itself until it is resumed; alerts go on',
      description: OPS_PERSON,
    })
    .input(z.strictObject({ reason: labelText.optional(), until: timestamp.optional() }))
    .output(opsStatus),
  resume: base
    .route({
      method: 'POST',
      path: '/api/ops/resume',
      tags: TAGS,
      summary: 'Let it act again',
      description: OPS_PERSON,
    })
    .output(opsStatus),
};
