/** Channels that alerts and reports are sent through, and what was sent. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { opsMatcher, opsTimeOfDay, opsTimeZone } from './ops-alerts.ts';
import { OPS_PERSON, opsSeverity } from './ops-rules.ts';
import { cursor, instant, labelText, pageLimit, pageOf, storableText } from './primitives.ts';

/** Bodies that a webhook can be sent. */
export const OPS_WEBHOOK_PRESETS = ['archon', 'discord', 'teams', 'pagerduty', 'alertmanager', 'template'] as const;

/** Places that a template of a person's own can hold, and what stands there. Of several alerts it is the worst. */
export const OPS_TEMPLATE_PLACES = {
  subject: 'Subject, as a mail has it',
  text: 'All of it as plain text',
  at: 'When it was made',
  delivery_id: 'Id of what is sent',
  kind: 'alerts, report or test',
  about: 'firing, resolved, repeat, escalated, report or test',
  severity: 'critical, high, medium or low',
  status: 'firing or resolved',
  count: 'How many alerts it tells of',
  summary: 'What is wrong, in a sentence',
  rule: 'Id of the rule',
  rule_name: 'Name of the rule',
  alert_id: 'Id of the alert',
  fingerprint: 'The same for each alert of the rule with these labels',
  started_at: 'When it began',
  ended_at: 'When it ended; empty while it goes on',
  value: 'The value as last observed, a number',
  limit: 'The limit, a number',
  cause: 'What is known of the root cause',
  advice: 'What to do',
  link: 'Where it is shown; empty unless alerts.page_url is set',
  labels: 'All labels, an object',
  'labels.NAME': 'One label, by its name',
  alerts: 'All alerts, a list',
} as const;

const secretText = storableText(z.string().min(1).max(4000));
/** A secret on its way in: left out keeps the one that is kept, null forgets it. */
const secretIn = secretText.nullable().optional();

const presetIn = {
  preset: z.enum(OPS_WEBHOOK_PRESETS),
  template: storableText(z.string().max(20_000))
    .nullable()
    .default(null)
    .describe('For `template`: JSON with places such as `{{summary}}`.'),
};

/** What a person can say of a channel, by its kind. */
export const opsChannelTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('desktop') }).describe('Notifications of the desktop app.'),
  z
    .strictObject({ kind: z.literal('email'), to: boundedList(z.email(), 50).describe('None: those of the settings.') })
    .describe('By the mail server of the settings.'),
  z.strictObject({ kind: z.literal('slack'), url: secretIn.describe('Incoming webhook; null: that of the settings.') }),
  z.strictObject({
    kind: z.literal('webhook'),
    ...presetIn,
    url: secretIn.describe('Null: that of the settings.'),
    secret: secretIn.describe('Signs the body; for PagerDuty the routing key. Null: that of the settings.'),
  }),
]);
export type OpsChannelTarget = z.infer<typeof opsChannelTarget>;

export const opsChannelDraft = z.strictObject({
  name: labelText,
  enabled: z.boolean().default(true),
  target: opsChannelTarget,
  min_severity: opsSeverity.default('low').describe('Only alerts that are at least so bad.'),
  matchers: boundedList(opsMatcher, 20).default([]).describe('Only alerts that match all.'),
  send_resolved: z.boolean().default(true),
  send_reports: z.boolean().default(false).describe('Also the daily report.'),
  quiet_hours: z
    .strictObject({
      from: opsTimeOfDay,
      to: opsTimeOfDay,
      time_zone: opsTimeZone,
      except_critical: z.boolean().default(true),
    })
    .nullable()
    .default(null)
    .describe('What comes up then is sent after, together, if it still holds.'),
  most_per_hour: z.int().min(1).max(1000).default(60).describe('What comes up beyond is sent together later.'),
  fallback: storableText(z.string().min(1).max(100))
    .nullable()
    .default(null)
    .describe('Channel that is used when this one fails for good.'),
});
export type OpsChannelDraft = z.infer<typeof opsChannelDraft>;

/** A secret as it is shown: whether there is one, and its end. */
const secretOut = z.object({ set: z.boolean(), hint: z.string().nullable(), from_settings: z.boolean() });
export const opsChannel = z.object({
  ...opsChannelDraft.shape,
  id: z.string().min(1).max(100),
  origin: z
    .enum(['settings', 'custom'])
    .describe('`settings`: desktop, and the email, Slack and webhook of the settings, where they are switched on too.'),
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('desktop') }),
    z.object({ kind: z.literal('email'), to: z.array(z.string()), server: z.string().nullable() }),
    z.object({ kind: z.literal('slack'), url: secretOut }),
    z.object({ kind: z.literal('webhook'), ...presetIn, url: secretOut, secret: secretOut }),
  ]),
  problem: z.string().nullable().describe('Why nothing can be sent through it; null when it can.'),
  off_by_setting: z
    .string()
    .nullable()
    .describe('The setting that has it switched off, which is no fault; null without one.'),
  last_sent_at: instant.nullable(),
  last_failure: z.object({ at: instant, error: z.string() }).nullable(),
  sent_last_hour: z.int().min(0),
  waiting: z.int().min(0).describe('What is to be sent through it.'),
  revision: z.string(),
});
export type OpsChannel = z.infer<typeof opsChannel>;

/** How something that is sent is. */
export const opsDeliveryState = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('waiting'),
    until: instant,
    reason: z.enum(['group_wait', 'group_interval', 'quiet_hours', 'rate_limit', 'sending']),
  }),
  z.object({ state: z.literal('retrying'), attempts: z.int().positive(), next_at: instant, error: z.string() }),
  z.object({ state: z.literal('sent'), attempts: z.int().positive(), at: instant }),
  z.object({
    state: z.literal('failed'),
    attempts: z.int().positive(),
    at: instant,
    error: z.string(),
    fallback: z.string().nullable().describe('Id of the delivery through the channel that took its place.'),
  }),
  z.object({
    state: z.literal('dropped'),
    at: instant,
    reason: z.string().describe('Such as: resolved before it was sent.'),
  }),
]);
export type OpsDeliveryState = z.infer<typeof opsDeliveryState>;

export const opsDelivery = z.object({
  id: z.uuid(),
  channel_id: z.string(),
  channel_name: z.string(),
  kind: z.enum(['desktop', 'email', 'slack', 'webhook']),
  about: z.enum(['firing', 'resolved', 'repeat', 'escalated', 'report', 'test']),
  severity: opsSeverity.nullable(),
  subject: z.string(),
  alert_ids: z.array(z.uuid()),
  state: opsDeliveryState,
  why: z.array(z.string()).describe('Why it was sent, step by step: rule, group, routing, channel.'),
  created_at: instant,
  duration_ms: z.int().min(0).nullable().describe('Of the attempt that succeeded, or of the last.'),
});
export type OpsDelivery = z.infer<typeof opsDelivery>;

const TAGS = ['ops channels'];
const named = z.strictObject({ channel: storableText(z.string().min(1).max(100)) });
const revision = storableText(z.string().min(1).max(100));

export const opsChannelsContract = {
  list: base
    .route({ method: 'GET', path: '/api/ops/channels', tags: TAGS, summary: 'Every channel, and how it does' })
    .output(z.object({ items: z.array(opsChannel) })),
  create: base
    .route({
      method: 'POST',
      path: '/api/ops/channels',
      tags: TAGS,
      successStatus: 201,
      summary: 'Add a channel',
      description: OPS_PERSON,
    })
    .input(opsChannelDraft)
    .output(opsChannel),
  update: base
    .route({
      method: 'PUT',
      path: '/api/ops/channels/{channel}',
      tags: TAGS,
      summary: 'Change a channel; a revision that is not the current one is a conflict',
      description: OPS_PERSON,
    })
    .input(named.extend({ revision, draft: opsChannelDraft }))
    .output(opsChannel),
  remove: base
    .route({
      method: 'DELETE',
      path: '/api/ops/channels/{channel}',
      tags: TAGS,
      summary: 'Remove a channel that was added; one of the settings goes back to what it was',
      description: OPS_PERSON,
    })
    .input(named.extend({ revision }))
    .output(z.object({ channel: opsChannel.nullable().describe('As it is now; null when it is gone.') })),
  test: base
    .route({
      method: 'POST',
      path: '/api/ops/channels/test',
      tags: TAGS,
      summary: 'Send a test through a channel as it is, or as it would be',
      description: OPS_PERSON,
    })
    .input(
      z.strictObject({
        channel: storableText(z.string().min(1).max(100)).nullable(),
        draft: opsChannelDraft.optional(),
      }),
    )
    .output(opsDelivery),
  deliveries: base
    .route({
      method: 'GET',
      path: '/api/ops/deliveries',
      tags: TAGS,
      summary: 'What was sent and what is to be sent, newest first; kept for 30 days, at most the last 10,000',
    })
    .input(
      z.strictObject({
        channel: storableText(z.string().max(100)).optional(),
        alert: z.uuid().optional(),
        states: boundedList(z.enum(['waiting', 'retrying', 'sent', 'failed', 'dropped']), 5).optional(),
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(pageOf(opsDelivery)),
};
