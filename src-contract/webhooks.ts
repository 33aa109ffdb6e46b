/** Webhooks: events sent to a URL of the operator, signed, tried again, with a log of what was answered. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { EVENT_TYPES } from './events.ts';
import { cursor, instant, labelText, pageLimit, pageOf, userId } from './primitives.ts';

/** Of one organisation. */
export const MAX_WEBHOOKS = 100;

function urlFault(value: string): string | undefined {
  if (value.includes('\u0000') || !value.isWellFormed() || !URL.canParse(value)) return 'must be a URL';
  const { protocol, username, password } = new URL(value);
  if (protocol !== 'http:' && protocol !== 'https:') return 'must begin with http:// or https://';
  if (username !== '' || password !== '') return 'must not hold a user name or password: the signature says who calls';
  return undefined;
}

/** Where a webhook may lead, as far as its text tells. */
export const webhookUrl = z
  .string()
  .max(2000)
  .superRefine((value, context) => {
    const fault = urlFault(value);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  })
  .describe('http or https. Private and local addresses are refused unless `events.webhooks_allow_private` is set.');

const types = boundedList(z.enum(EVENT_TYPES), 100).min(1).describe('Without it: all types but `event.delivery.*`.');

/** `secret_hint` is the end of the secret, to tell one from another; the secret itself is shown once. */
export const webhook = z.object({
  id: z.uuid(),
  org_id: z.uuid(),
  name: z.string(),
  url: z.string(),
  types: z.array(z.string()).nullable().describe('Null: all types but `event.delivery.*`.'),
  user_id: z.string().nullable().describe('Only events of this user; null for all.'),
  enabled: z.boolean(),
  secret_hint: z.string(),
  subscriber: z.string().describe('Its name among the subscribers and dead letters.'),
  created_at: instant,
  updated_at: instant,
});
export type Webhook = z.infer<typeof webhook>;

const withSecret = webhook.extend({ secret: z.string().describe('Shown this once.') });
export type WebhookWithSecret = z.infer<typeof withSecret>;

/** One request to a webhook. */
export const webhookDelivery = z.object({
  id: z.uuid(),
  webhook_id: z.uuid(),
  event_id: z.string().nullable().describe('Null for a test.'),
  event_type: z.string(),
  attempt: z.int().positive(),
  at: instant,
  duration_ms: z.int().min(0),
  outcome: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('accepted'), status: z.int(), excerpt: z.string() }),
    z.object({ kind: z.literal('refused'), status: z.int(), excerpt: z.string() }),
    z.object({ kind: z.literal('failed'), reason: z.string() }),
  ]),
});
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

const TAGS = ['webhooks'];
const id = z.uuid();
const PERSON = 'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';

export const webhooksContract = {
  list: base
    .route({ method: 'GET', path: '/api/webhooks', tags: TAGS, summary: 'Webhooks, oldest first' })
    .output(z.object({ items: z.array(webhook) })),
  get: base
    .route({ method: 'GET', path: '/api/webhooks/{id}', tags: TAGS, summary: 'One webhook' })
    .input(z.strictObject({ id }))
    .output(webhook),
  create: base
    .route({
      method: 'POST',
      path: '/api/webhooks',
      tags: TAGS,
      successStatus: 201,
      summary: 'Send events to a URL from now on; the secret is shown this once',
      description: PERSON,
    })
    .input(
      z.strictObject({
        name: labelText,
        url: webhookUrl,
        types: types.optional(),
        user_id: userId.optional(),
        enabled: z.boolean().default(true),
      }),
    )
    .output(withSecret),
  update: base
    .route({
      method: 'PATCH',
      path: '/api/webhooks/{id}',
      tags: TAGS,
      summary: 'Change, switch on or switch off a webhook',
      description: `${PERSON} What happens while it is off is not sent; switched on, it goes on with the next event.`,
    })
    .input(
      z.strictObject({
        id,
        name: labelText.optional(),
        url: webhookUrl.optional(),
        types: types.nullable().optional(),
        user_id: userId.nullable().optional(),
        enabled: z.boolean().optional(),
      }),
    )
    .output(webhook),
  remove: base
    .route({
      method: 'DELETE',
      path: '/api/webhooks/{id}',
      tags: TAGS,
      summary: 'Remove a webhook and what waits for it; its dead letters stay',
      description: PERSON,
    })
    .input(z.strictObject({ id }))
    .output(z.object({ removed: z.literal(true) })),
  rotateSecret: base
    .route({
      method: 'POST',
      path: '/api/webhooks/{id}/rotate-secret',
      tags: TAGS,
      summary: 'A new secret, shown this once; the old one signs nothing from now on',
      description: PERSON,
    })
    .input(z.strictObject({ id }))
    .output(withSecret),
  test: base
    .route({
      method: 'POST',
      path: '/api/webhooks/{id}/test',
      tags: TAGS,
      summary: 'Send a test event now, once, and see what is answered',
      description: PERSON,
    })
    .input(z.strictObject({ id }))
    .output(webhookDelivery),
  deliveries: base
    .route({
      method: 'GET',
      path: '/api/webhooks/{id}/deliveries',
      tags: TAGS,
      summary: 'The last requests to a webhook, newest first; 200 are kept',
    })
    .input(z.strictObject({ id, cursor: cursor.optional(), limit: pageLimit }))
    .output(pageOf(webhookDelivery)),
};
