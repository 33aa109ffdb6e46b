/** Alerts of the ops agent, and their silences. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { OPS_PERSON, opsSeverity } from './ops-rules.ts';
import { opsLabels, opsSignalName } from './ops-signals.ts';
import { cursor, instant, labelText, pageLimit, pageOf, partOfText, storableText, timestamp } from './primitives.ts';

/** How an alert is. It is one of these at a time. */
export const opsAlertState = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('pending'),
    since: instant.describe('Since then the condition holds; it has not held for long enough.'),
  }),
  z.object({ state: z.literal('firing'), since: instant }),
  z.object({
    state: z.literal('clearing'),
    since: instant.describe('Fires since then.'),
    clear_since: instant.describe('Since then the condition does not hold; resolved once that has lasted.'),
  }),
  z.object({
    state: z.literal('resolved'),
    since: instant.nullable().describe('Fired since then; null: it never did.'),
    at: instant,
  }),
]);
export type OpsAlertState = z.infer<typeof opsAlertState>;

export const OPS_TIMELINE_KINDS = [
  'pending',
  'fired',
  'clearing',
  'fired_again',
  'resolved',
  'notified',
  'not_notified',
  'acknowledged',
  'unacknowledged',
  'noted',
  'silenced',
  'inhibited',
  'action',
  'escalated',
] as const;

export const opsTimelineEntry = z.object({
  at: instant,
  kind: z.enum(OPS_TIMELINE_KINDS),
  text: z.string(),
  by: z.string().nullable().describe('Who; null when it came by itself.'),
  ref: z.string().nullable().describe('Id of the action or of the notification that it tells of.'),
});
export type OpsTimelineEntry = z.infer<typeof opsTimelineEntry>;

export const opsAlert = z.object({
  id: z.uuid(),
  fingerprint: z.string().describe('Of the rule and the labels: at most one alert of it is not resolved.'),
  rule_id: z.string(),
  rule_name: z.string(),
  severity: opsSeverity.describe('As the rule says, or higher once it was escalated.'),
  labels: opsLabels,
  summary: z.string().describe('What is wrong, in a sentence.'),
  cause: z.string().nullable().describe('What is known of the root cause.'),
  advice: z.string().nullable(),
  signal: opsSignalName,
  value: z.number().nullable().describe('As last observed.'),
  worst: z.number().nullable(),
  limit: z.number(),
  notify: z.boolean(),
  state: opsAlertState,
  started_at: instant.describe('When the condition began to hold.'),
  ended_at: instant.nullable(),
  fired: z.int().min(0).describe('How often it fired without being resolved between.'),
  unknown_since: instant.nullable().describe('Since then its monitor has told nothing; it stays as it was.'),
  acknowledged: z.object({ by: z.string(), at: instant, note: z.string().nullable() }).nullable(),
  silenced_by: z.uuid().nullable().describe('The silence that keeps it quiet now.'),
  inhibited_by: z.uuid().nullable().describe('The alert whose consequence it is.'),
  escalation: z.int().min(0).describe('Steps of the escalation that were taken.'),
});
export type OpsAlert = z.infer<typeof opsAlert>;

export const opsAlertDetail = opsAlert.extend({
  timeline: z.array(opsTimelineEntry).describe('The last 200, oldest first.'),
});
export type OpsAlertDetail = z.infer<typeof opsAlertDetail>;

export const opsMatcher = z.strictObject({
  label: storableText(z.string().min(1).max(40)).describe('A label, or `rule`, `severity`.'),
  value: storableText(z.string().max(300)).describe('May end in `*`.'),
});
export type OpsMatcher = z.infer<typeof opsMatcher>;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const opsTimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:30');
export const opsTimeZone = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\w/+-]+$/, 'must be the name of a time zone')
  .describe('Such as Europe/Berlin.');

/** When a silence holds: once, or every week as a maintenance window. */
export const opsSilenceTime = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('once'), from: timestamp, to: timestamp }),
  z.strictObject({
    kind: z.literal('weekly'),
    days: boundedList(z.enum(DAYS), 7).min(1),
    from: opsTimeOfDay,
    to: opsTimeOfDay.describe('Of the next day when it is not later than `from`.'),
    time_zone: opsTimeZone,
    until: timestamp.nullable().describe('The last window begins before; null: for good.'),
  }),
]);
export type OpsSilenceTime = z.infer<typeof opsSilenceTime>;

export const opsSilence = z.object({
  id: z.uuid(),
  matchers: z.array(opsMatcher).describe('All must match; none: every alert.'),
  time: opsSilenceTime,
  hold_actions: z.boolean().describe('The agent does nothing by itself about these alerts either.'),
  reason: z.string(),
  created_by: z.string(),
  created_at: instant,
  ended: z.object({ by: z.string(), at: instant }).nullable().describe('When a person ended it before its time.'),
  status: z.enum(['waiting', 'holds', 'over']),
  silenced: z.int().min(0).describe('Alerts it keeps quiet now.'),
});
export type OpsSilence = z.infer<typeof opsSilence>;

const TAGS = ['ops alerts'];
const named = z.strictObject({ alert: z.uuid() });
const noteText = storableText(z.string().trim().min(1).max(4000));
export const OPS_ALERT_STATES = ['pending', 'firing', 'clearing', 'resolved'] as const;

export const opsAlertsContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/ops/alerts',
      tags: TAGS,
      summary: 'Alerts, newest first; kept for 90 days, at most the last 10,000',
    })
    .input(
      z.strictObject({
        states: boundedList(z.enum(OPS_ALERT_STATES), 4).optional().describe('All when left out.'),
        severities: boundedList(opsSeverity, 4).optional(),
        rule: storableText(z.string().max(60)).optional(),
        text: partOfText.optional().describe('Part of the summary, of the name of the rule or of a label.'),
        from: timestamp.optional().describe('Those that were not over by then.'),
        to: timestamp.optional().describe('Those that had begun by then.'),
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(
      pageOf(opsAlert).extend({
        active: z
          .object({
            pending: z.int().min(0),
            firing: z.int().min(0),
            by_severity: z.record(opsSeverity, z.int().min(0)),
          })
          .describe('Of all, whatever was asked for; `firing` counts those that clear.'),
      }),
    ),
  get: base
    .route({ method: 'GET', path: '/api/ops/alerts/{alert}', tags: TAGS, summary: 'One alert with what happened' })
    .input(named)
    .output(opsAlertDetail),
  acknowledge: base
    .route({
      method: 'POST',
      path: '/api/ops/alerts/{alert}/acknowledge',
      tags: TAGS,
      summary: 'Somebody is at it: it is not sent again and not escalated by time',
      description: OPS_PERSON,
    })
    .input(named.extend({ note: noteText.optional() }))
    .output(opsAlertDetail),
  unacknowledge: base
    .route({
      method: 'POST',
      path: '/api/ops/alerts/{alert}/unacknowledge',
      tags: TAGS,
      summary: 'Nobody is at it any more',
      description: OPS_PERSON,
    })
    .input(named)
    .output(opsAlertDetail),
  note: base
    .route({
      method: 'POST',
      path: '/api/ops/alerts/{alert}/notes',
      tags: TAGS,
      summary: 'Add a note',
      description: OPS_PERSON,
    })
    .input(named.extend({ text: noteText }))
    .output(opsAlertDetail),
  silences: base
    .route({
      method: 'GET',
      path: '/api/ops/silences',
      tags: TAGS,
      summary: 'Silences and maintenance windows; those that are over for 30 days more',
    })
    .output(z.object({ items: z.array(opsSilence) })),
  silence: base
    .route({
      method: 'POST',
      path: '/api/ops/silences',
      tags: TAGS,
      successStatus: 201,
      summary: 'Keep alerts quiet for a time, or in a window of every week',
      description: OPS_PERSON,
    })
    .input(
      z.strictObject({
        matchers: boundedList(opsMatcher, 20),
        time: opsSilenceTime,
        hold_actions: z.boolean().default(false),
        reason: labelText,
      }),
    )
    .output(opsSilence),
  endSilence: base
    .route({
      method: 'POST',
      path: '/api/ops/silences/{silence}/end',
      tags: TAGS,
      summary: 'End a silence now',
      description: OPS_PERSON,
    })
    .input(z.strictObject({ silence: z.uuid() }))
    .output(opsSilence),
};
