import { describe, expect, it } from 'vitest';
import type { Webhook } from '../../../../src-contract/index.ts';
import { changeOf, creationOf, formOf, webhookForm } from './webhook-form.ts';

const WEBHOOK: Webhook = {
  id: '019b0000-0000-7000-8000-000000000001',
  org_id: '019b0000-0000-7000-8000-000000000000',
  name: 'Billing',
  url: 'https://example.org/hook',
  types: ['memory.session.created', 'memory.imported'],
  user_id: null,
  enabled: true,
  secret_hint: 'ab12',
  subscriber: 'webhook.019b0000-0000-7000-8000-000000000001',
  created_at: '2026-03-01T10:00:00.000Z',
  updated_at: '2026-03-01T10:00:00.000Z',
};
const filled = { ...formOf(WEBHOOK) };
const faults = (change: object) =>
  webhookForm
    .safeParse({ ...filled, ...change })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('the form of a webhook', () => {
  it('takes what a webhook is', () => expect(faults({})).toEqual([]));

  it.each([
    [{ name: ' ' }, ['name: A webhook needs a name.']],
    [{ url: '' }, ['url: Where is it to send to?']],
    [{ url: 'example' }, ['url: The URL must be a URL.']],
    [{ url: 'ftp://example.org' }, ['url: The URL must begin with http:// or https://.']],
    [
      { url: 'https://me:secret@example.org' },
      ['url: The URL must not hold a user name or password: the signature says who calls.'],
    ],
    [{ url: `https://example.org/${'x'.repeat(2000)}` }, ['url: The URL is too long: at most 2000 characters.']],
    [{ which: 'some', types: [] }, ['types: Choose at least one type, or all of them.']],
    [{ which: 'all', types: [] }, []],
    [{ user_id: 'a\nb' }, ['user_id: The user must not contain control characters.']],
    [{ user_id: '' }, []],
  ])('%j', (change, expected) => expect(faults(change)).toEqual(expected));

  it('sends only what was changed', () => {
    expect(changeOf(WEBHOOK, filled)).toEqual({ id: WEBHOOK.id });
    expect(changeOf(WEBHOOK, { ...filled, types: filled.types.toReversed() })).toEqual({ id: WEBHOOK.id });
    expect(changeOf(WEBHOOK, { ...filled, which: 'all', user_id: ' ana ', enabled: false })).toEqual({
      id: WEBHOOK.id,
      types: null,
      user_id: 'ana',
      enabled: false,
    });
  });

  it('leaves out what a new one does not narrow', () => {
    expect(creationOf({ ...formOf(undefined), name: ' mine ', url: ' https://example.org ' })).toEqual({
      name: 'mine',
      url: 'https://example.org',
      enabled: true,
    });
  });
});
