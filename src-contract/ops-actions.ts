/** What the ops agent does, has done and proposes. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { OPS_PERSON, opsRemediatorName } from './ops-rules.ts';
import { opsLabels } from './ops-signals.ts';
import { cursor, instant, labelText, pageLimit, pageOf, storableText } from './primitives.ts';

/** What may happen to others while it is done. */
export const OPS_RISKS = ['none', 'low', 'medium', 'high'] as const;

/** How an action is. It is one of these at a time. */
export const opsActionState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('waiting_approval'), expires_at: instant }),
  z.object({ state: z.literal('assigned'), at: instant.describe('The node that can do it has not begun.') }),
  z.object({ state: z.literal('running'), since: instant }),
  z.object({ state: z.literal('verifying'), since: instant, until: instant.describe('By then it must have helped.') }),
  z.object({ state: z.literal('helped'), at: instant }),
  z.object({ state: z.literal('did_not_help'), at: instant }),
  z.object({ state: z.literal('failed'), at: instant, error: z.string() }),
  z
    .object({ state: z.literal('interrupted'), at: instant })
    .describe('Its process ended, or it took too long; how far it came is not known.'),
  z.object({
    state: z.literal('skipped'),
    at: instant,
    reason: z.string().describe('Why it could not or need not be done.'),
  }),
  z.object({ state: z.literal('rejected'), at: instant, by: z.string(), reason: z.string().nullable() }),
  z.object({ state: z.literal('expired'), at: instant }).describe('Nobody approved it in time.'),
  z.object({ state: z.literal('dry_run'), at: instant }).describe('It would have been done.'),
]);
export type OpsActionState = z.infer<typeof opsActionState>;
export const OPS_ACTION_STATES = [
  'waiting_approval',
  'assigned',
  'running',
  'verifying',
  'helped',
  'did_not_help',
  'failed',
  'interrupted',
  'skipped',
  'rejected',
  'expired',
  'dry_run',
] as const satisfies readonly OpsActionState['state'][];

/** Something measured, in words for people. */
export const opsFact = z.object({ label: z.string(), value: z.string() });
export type OpsFact = z.infer<typeof opsFact>;

export const opsAction = z.object({
  id: z.uuid(),
  remediator: opsRemediatorName,
  target: opsLabels.describe(
    'What it is done to, such as `{"worker": "cleanup"}`; `node` where only one process can do it.',
  ),
  origin: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('rule'), rule_id: z.string(), rule_name: z.string(), alert_id: z.uuid() }),
    z.object({ kind: z.literal('person'), by: z.string(), reason: z.string().nullable() }),
    z.object({ kind: z.literal('recommendation'), recommendation_id: z.string(), by: z.string() }),
  ]),
  cause: z.string().describe('Why it is done.'),
  risk: z.enum(OPS_RISKS),
  node: z.string().optional().describe('The process that does it, once it has begun.'),
  attempt: z.int().positive().describe('For this alert.'),
  state: opsActionState,
  before: z.array(opsFact),
  after: z.array(opsFact),
  outcome: z.string().nullable().describe('What came of it, in a sentence.'),
  approved_by: z.string().nullable(),
  created_at: instant,
  started_at: instant.nullable(),
  ended_at: instant.nullable(),
  duration_ms: z.int().min(0).nullable(),
});
export type OpsAction = z.infer<typeof opsAction>;

/** Something a remediator can be used on. */
export const opsTarget = z.object({
  target: opsLabels,
  title: z.string(),
  detail: z.string().nullable(),
  blocked: z.string().nullable().describe('Why it cannot be done now; null when it can.'),
});
export type OpsTarget = z.infer<typeof opsTarget>;

export const opsRemediator = z.object({
  name: opsRemediatorName,
  title: z.string(),
  precondition: z.string(),
  effect: z.string(),
  risk: z.enum(OPS_RISKS),
  verification: z.string().describe('How it is known that it helped.'),
  signals: z.array(z.string()).describe('Signals it can help with; rules offer it for these.'),
  targets: z.array(opsTarget).describe('What it can be used on now.'),
});
export type OpsRemediator = z.infer<typeof opsRemediator>;

export const opsActionPreview = z.object({
  remediator: opsRemediatorName,
  target: opsLabels,
  what: z.string().describe('What would be done, in a sentence.'),
  facts: z.array(opsFact).describe('As it is now.'),
  risk: z.enum(OPS_RISKS),
  blocked: z.string().nullable(),
});
export type OpsActionPreview = z.infer<typeof opsActionPreview>;

export const opsRecommendation = z.object({
  id: z.string(),
  title: z.string(),
  detail: z.string(),
  impact: z.enum(['low', 'medium', 'high']),
  evidence: z.array(opsFact),
  statement: z.string().nullable().describe('SQL or a command to copy.'),
  apply: z
    .object({ remediator: opsRemediatorName, target: opsLabels })
    .nullable()
    .describe('What Archon can do itself, safely; null: a person has to.'),
  state: z.discriminatedUnion('state', [
    z.object({ state: z.literal('open') }),
    z.object({ state: z.literal('dismissed'), by: z.string(), at: instant }),
    z.object({ state: z.literal('applied'), by: z.string(), at: instant, action_id: z.uuid() }),
  ]),
  found_at: instant,
  seen_at: instant.describe('When it was last found to hold; it is gone a day after.'),
});
export type OpsRecommendation = z.infer<typeof opsRecommendation>;

const TAGS = ['ops actions'];
const named = z.strictObject({ action: z.uuid() });
const what = z.strictObject({ remediator: opsRemediatorName, target: opsLabels });

export const opsActionsContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/ops/actions',
      tags: TAGS,
      summary: 'What the agent and persons did to heal, newest first; kept for 90 days, at most the last 10,000',
    })
    .input(
      z.strictObject({
        remediator: opsRemediatorName.optional(),
        states: boundedList(z.enum(OPS_ACTION_STATES), 12).optional(),
        origin: z.enum(['rule', 'person', 'recommendation']).optional(),
        alert: z.uuid().optional(),
        cursor: cursor.optional(),
        limit: pageLimit.default(100),
      }),
    )
    .output(pageOf(opsAction)),
  get: base
    .route({ method: 'GET', path: '/api/ops/actions/{action}', tags: TAGS, summary: 'One action' })
    .input(named)
    .output(opsAction),
  remediators: base
    .route({
      method: 'GET',
      path: '/api/ops/remediators',
      tags: TAGS,
      summary: 'What can be done, with what it needs, does and risks, and to what it can be done now',
    })
    .output(z.object({ items: z.array(opsRemediator) })),
  preview: base
    .route({
      method: 'POST',
      path: '/api/ops/actions/preview',
      tags: TAGS,
      summary: 'What would be done, without doing it',
    })
    .input(what)
    .output(opsActionPreview),
  run: base
    .route({
      method: 'POST',
      path: '/api/ops/actions',
      tags: TAGS,
      successStatus: 202,
      summary: 'Do it now, whatever the mode of the agent; answers once it has begun',
      description: OPS_PERSON,
    })
    .input(what.extend({ reason: labelText.optional() }))
    .output(opsAction),
  approve: base
    .route({
      method: 'POST',
      path: '/api/ops/actions/{action}/approve',
      tags: TAGS,
      summary: 'Let it be done',
      description: OPS_PERSON,
    })
    .input(named)
    .output(opsAction),
  reject: base
    .route({
      method: 'POST',
      path: '/api/ops/actions/{action}/reject',
      tags: TAGS,
      summary: 'Do not do it',
      description: OPS_PERSON,
    })
    .input(named.extend({ reason: labelText.optional() }))
    .output(opsAction),
  recommendations: base
    .route({
      method: 'GET',
      path: '/api/ops/recommendations',
      tags: TAGS,
      summary: 'What would make it faster or safer, with evidence; the most important first',
    })
    .output(z.object({ items: z.array(opsRecommendation), looked_at: instant.nullable() })),
  apply: base
    .route({
      method: 'POST',
      path: '/api/ops/recommendations/{recommendation}/apply',
      tags: TAGS,
      successStatus: 202,
      summary: 'Have Archon do it, where that is safe',
      description: OPS_PERSON,
    })
    .input(z.strictObject({ recommendation: storableText(z.string().min(1).max(200)) }))
    .output(opsAction),
  dismiss: base
    .route({
      method: 'POST',
      path: '/api/ops/recommendations/{recommendation}/dismiss',
      tags: TAGS,
      summary: 'Leave it, or think of it again',
      description: OPS_PERSON,
    })
    .input(
      z.strictObject({
        recommendation: storableText(z.string().min(1).max(200)),
        dismissed: z.boolean().default(true),
      }),
    )
    .output(opsRecommendation),
};
