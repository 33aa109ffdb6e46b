/** Rules of the ops agent: from when on something is wrong, what is done, and who hears of it. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { opsLabels, opsSignalName } from './ops-signals.ts';
import { instant, labelText, storableText } from './primitives.ts';

/** From least to worst. */
export const OPS_SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export const opsSeverity = z.enum(OPS_SEVERITIES);
export type OpsSeverity = z.infer<typeof opsSeverity>;

export const OPS_REMEDIATORS = [
  'circuit-breaker-reset',
  'worker-restart',
  'cache-clear',
  'event-replay',
  'cleanup-run',
  'reindex-advice',
  'table-analyze',
  'backup-now',
] as const;
export const opsRemediatorName = z.enum(OPS_REMEDIATORS);
export type OpsRemediatorName = z.infer<typeof opsRemediatorName>;

/** Settings that limits of rules may follow. */
export const OPS_LIMIT_SETTINGS = [
  'alerts.dead_letters_above',
  'alerts.dead_letters_critical_above',
  'alerts.breaker_open_minutes',
  'alerts.worker_crashes_above',
  'alerts.latency_p95_ms',
  'alerts.disk_percent',
  'alerts.memory_percent',
  'backup.interval_hours',
] as const;

export const OPS_OPERATORS = ['>', '>=', '<', '<=', '=', '!='] as const;

export const opsCondition = z.strictObject({
  signal: opsSignalName,
  labels: opsLabels
    .default({})
    .describe('Only series with these; a value may end in `*`. Empty: every series, each an alert of its own.'),
  operator: z.enum(OPS_OPERATORS),
  limit: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('number'), value: z.number().min(-1e15).max(1e15) }),
    z
      .strictObject({ kind: z.literal('setting'), key: z.enum(OPS_LIMIT_SETTINGS) })
      .describe('As the setting says, in the unit of the signal.'),
  ]),
});
export type OpsCondition = z.infer<typeof opsCondition>;

export const opsRemediation = z.strictObject({
  remediator: opsRemediatorName,
  ask: z.boolean().default(false).describe('A person is asked first, whatever the mode of the agent.'),
  cool_down_seconds: z
    .int()
    .min(0)
    .max(604_800)
    .default(300)
    .describe('Between two attempts; doubled by each that did not help.'),
  max_attempts: z
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe('That did not help; then it is escalated and not tried again.'),
  max_per_hour: z.int().min(1).max(60).default(6).describe('Attempts of this rule in an hour, for all of its alerts.'),
});
export type OpsRemediation = z.infer<typeof opsRemediation>;

export const opsEscalationStep = z.strictObject({
  after: z.discriminatedUnion('kind', [
    z
      .strictObject({ kind: z.literal('seconds'), seconds: z.int().min(60).max(604_800) })
      .describe('Firing for so long.'),
    z.strictObject({ kind: z.literal('attempts') }).describe('When the attempts to mend it are used up.'),
  ]),
  severity: opsSeverity,
  channels: boundedList(storableText(z.string().min(1).max(100)), 20)
    .default([])
    .describe('Told besides those that the routing says.'),
});
export type OpsEscalationStep = z.infer<typeof opsEscalationStep>;

const ruleId = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'must be small letters, digits and dashes');

/** What a person can say of a rule. */
export const opsRuleDraft = z.strictObject({
  name: labelText,
  description: storableText(z.string().max(2000)).default(''),
  advice: storableText(z.string().max(2000)).default('').describe('What a person should do; stands in the alert.'),
  enabled: z.boolean().default(true),
  match: z.enum(['all', 'any']).default('all').describe('Of the conditions, for the same labels.'),
  conditions: boundedList(opsCondition, 5).min(1),
  for_seconds: z.int().min(0).max(86_400).default(0).describe('It must hold for so long before the alert fires.'),
  resolve_after_seconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(120)
    .describe('It must not hold for so long before the alert is resolved: what flaps is one alert.'),
  severity: opsSeverity,
  notify: z.boolean().default(true).describe('False: shown in Archon, and sent to nobody.'),
  labels: opsLabels.default({}).describe('Added to the alert, for the routing.'),
  remediation: opsRemediation.nullable().default(null),
  escalation: boundedList(opsEscalationStep, 5).default([]),
});
export type OpsRuleDraft = z.infer<typeof opsRuleDraft>;

export const opsRule = z.object({
  ...opsRuleDraft.shape,
  id: ruleId,
  origin: z.enum(['default', 'custom']),
  changed: z.boolean().describe('A default rule that a person changed.'),
  revision: z.string().describe('Of what is set now; a change names the one it was made on.'),
  updated_at: instant.nullable(),
  updated_by: z.string().nullable(),
  limits: z.array(z.number()).describe('Of each condition, as they hold now.'),
  firing: z.int().min(0).describe('Alerts of it that fire now.'),
});
export type OpsRule = z.infer<typeof opsRule>;

export const opsRulePreview = z.object({
  from: instant,
  to: instant,
  rounds: z.int().min(0).describe('Times the agent looked, as recorded; there is nothing of the others.'),
  firings: z
    .array(
      z.object({
        labels: opsLabels,
        started_at: instant,
        ended_at: instant.nullable().describe('Null: it would fire still.'),
        worst: z.number(),
      }),
    )
    .describe('The last 100 times it would have fired, oldest first.'),
  count: z.int().min(0).describe('How often it would have fired.'),
  now: z
    .array(z.object({ labels: opsLabels, value: z.number(), holds: z.boolean() }))
    .describe('The first condition as it is now.'),
});
export type OpsRulePreview = z.infer<typeof opsRulePreview>;

const TAGS = ['ops rules'];
export const OPS_PERSON =
  'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';
const named = z.strictObject({ rule: ruleId });
const revision = storableText(z.string().min(1).max(100)).describe('`revision` of the rule that was changed.');

export const opsRulesContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/ops/rules',
      tags: TAGS,
      summary: 'Every rule, those that come with Archon first',
    })
    .output(z.object({ items: z.array(opsRule) })),
  create: base
    .route({
      method: 'POST',
      path: '/api/ops/rules',
      tags: TAGS,
      successStatus: 201,
      summary: 'Add a rule',
      description: OPS_PERSON,
    })
    .input(opsRuleDraft)
    .output(opsRule),
  update: base
    .route({
      method: 'PUT',
      path: '/api/ops/rules/{rule}',
      tags: TAGS,
      summary: 'Change a rule; a revision that is not the current one is a conflict',
      description: OPS_PERSON,
    })
    .input(named.extend({ revision, draft: opsRuleDraft }))
    .output(opsRule),
  remove: base
    .route({
      method: 'DELETE',
      path: '/api/ops/rules/{rule}',
      tags: TAGS,
      summary: 'Remove a rule that was added; one that comes with Archon goes back to what it was',
      description: OPS_PERSON,
    })
    .input(named.extend({ revision }))
    .output(z.object({ rule: opsRule.nullable().describe('As it is now; null when it is gone.') })),
  preview: base
    .route({
      method: 'POST',
      path: '/api/ops/rules/preview',
      tags: TAGS,
      summary: 'How often a rule would have fired, by what was recorded',
    })
    .input(z.strictObject({ draft: opsRuleDraft, hours: z.int().min(1).max(168).default(24) }))
    .output(opsRulePreview),
};
