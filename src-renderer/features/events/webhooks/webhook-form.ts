/** What a person writes about a webhook, checked as the engine checks it, and what of it is sent. */
import { z } from 'zod';
import { EVENT_TYPES } from '../../../../src-contract/events.ts';
import type { Inputs, Webhook } from '../../../../src-contract/index.ts';
import { labelText, userId } from '../../../../src-contract/primitives.ts';
import { webhookUrl } from '../../../../src-contract/webhooks.ts';

/** A text that the schema of the contract judges, with words around what it says. */
const judged = (schema: z.ZodType<string>, subject: string, missing: string) =>
  z.string().superRefine((text, context) => {
    if (text.trim() === '') {
      if (missing !== '') context.addIssue({ code: 'custom', message: missing });
      return;
    }
    const fault = schema.safeParse(text.trim()).error?.issues[0];
    if (fault === undefined) return;
    const message = fault.code === 'too_big' ? `is too long: at most ${fault.maximum} characters` : fault.message;
    context.addIssue({ code: 'custom', message: `${subject} ${message}.` });
  });

export const webhookForm = z
  .object({
    name: judged(labelText, 'The name', 'A webhook needs a name.'),
    url: judged(webhookUrl, 'The URL', 'Where is it to send to?'),
    which: z.enum(['all', 'some']),
    types: z.array(z.enum(EVENT_TYPES)),
    /** Empty for all users. */
    user_id: judged(userId, 'The user', ''),
    enabled: z.boolean(),
  })
  .refine(({ which, types }) => which === 'all' || types.length > 0, {
    path: ['types'],
    message: 'Choose at least one type, or all of them.',
  });
export type WebhookForm = z.infer<typeof webhookForm>;

export function formOf(webhook: Webhook | undefined): WebhookForm {
  // A type that is no more cannot be sent, so it is not kept.
  const types = EVENT_TYPES.filter((type) => webhook?.types?.includes(type));
  return {
    name: webhook?.name ?? '',
    url: webhook?.url ?? '',
    which: webhook?.types ? 'some' : 'all',
    types,
    user_id: webhook?.user_id ?? '',
    enabled: webhook?.enabled ?? true,
  };
}

export function creationOf({ name, url, which, types, user_id, enabled }: WebhookForm): Inputs['webhooks']['create'] {
  return {
    name: name.trim(),
    url: url.trim(),
    enabled,
    ...(which === 'some' ? { types } : {}),
    ...(user_id.trim() === '' ? {} : { user_id: user_id.trim() }),
  };
}

/** Only what is another: somebody else may change the rest meanwhile. */
export function changeOf(before: Webhook, form: WebhookForm): Inputs['webhooks']['update'] {
  const { name, url, types = null, user_id = null, enabled } = creationOf(form);
  return {
    id: before.id,
    ...(name === before.name ? {} : { name }),
    ...(url === before.url ? {} : { url }),
    ...(isSameList(types, before.types) ? {} : { types }),
    ...(user_id === before.user_id ? {} : { user_id }),
    ...(enabled === before.enabled ? {} : { enabled: enabled ?? true }),
  };
}

function isSameList(one: readonly string[] | null, other: readonly string[] | null): boolean {
  if (one === null || other === null) return one === other;
  return one.length === other.length && one.every((item) => other.includes(item));
}
