import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpsChannel, OpsDelivery } from '../../../../../src-contract/index.ts';
import { opsChannelDraft } from '../../../../../src-contract/ops-channels.ts';
import { differences } from '../../fields/differences.ts';
import { newPair } from '../../fields/pairs.ts';
import { channelsSearch } from '../channels-search.ts';
import { type ChannelForm, channelForm, draftOf, keptDraft, newChannel, templateFault } from './channel-form.ts';
import {
  channelFacts,
  channelsSummary,
  isFailing,
  routeWords,
  secretWords,
  standingOf,
  targetWords,
} from './channel-words.ts';
import { isOpen, momentOfState, stateWords } from './delivery-words.ts';

const SECRET = { set: true, hint: 'hooks.example.org/…3f9a', from_settings: false };
const OF_SETTINGS = { ...SECRET, from_settings: true };

const channel = (patch: Partial<OpsChannel> = {}): OpsChannel => ({
  id: 'hook',
  origin: 'custom',
  name: 'Hook',
  enabled: true,
  target: { kind: 'webhook', preset: 'discord', template: null, url: SECRET, secret: OF_SETTINGS },
  min_severity: 'high',
  matchers: [{ label: 'node', value: 'ada*' }],
  send_resolved: true,
  send_reports: false,
  quiet_hours: { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin', except_critical: true },
  most_per_hour: 20,
  fallback: 'email',
  problem: null,
  off_by_setting: null,
  last_sent_at: null,
  last_failure: null,
  sent_last_hour: 0,
  waiting: 0,
  revision: '1',
  ...patch,
});
const changed = (patch: Partial<ChannelForm>): ChannelForm => ({ ...channelForm(channel()), ...patch });

describe('the form of a channel', () => {
  it('changes nothing while nobody writes: secrets of its own are left out, those of the settings stay theirs', () => {
    const draft = {
      name: 'Hook',
      enabled: true,
      target: { kind: 'webhook', preset: 'discord', template: null, secret: null },
      min_severity: 'high',
      matchers: [{ label: 'node', value: 'ada*' }],
      send_resolved: true,
      send_reports: false,
      quiet_hours: { from: '22:00', to: '07:00', time_zone: 'Europe/Berlin', except_critical: true },
      most_per_hour: 20,
      fallback: 'email',
    };
    expect(keptDraft(channel())).toEqual(draft);
    expect(draftOf(channelForm(channel()))).toEqual({ kind: 'right', draft });
  });

  it.each([
    [{ how: 'keep' }, undefined],
    [{ how: 'settings' }, null],
    [{ how: 'write', text: ' https://example.org/x ' }, 'https://example.org/x'],
    // Emptied: it has none of its own any more.
    [{ how: 'write', text: ' ' }, null],
  ] as const)('a secret %o is sent as %o', (url, sent) => {
    const checked = draftOf(changed({ url }));
    if (checked.kind !== 'right') throw new Error('it is right');
    const { target } = checked.draft;
    expect('url' in target ? target.url : undefined).toBe(sent);
  });

  it('is whatever kind was chosen, and each can be sent once it has a name', () => {
    fc.assert(
      fc.property(fc.constantFrom('desktop', 'email', 'slack', 'webhook'), fc.boolean(), (kind, is_quiet) => {
        const checked = draftOf({ ...newChannel(kind), name: 'New', is_quiet });
        expect(checked.kind === 'right' && opsChannelDraft.safeParse(checked.draft).success).toBe(true);
        expect(checked.kind === 'right' && checked.draft.target.kind).toBe(kind);
      }),
    );
  });

  it('says beside each field what is wrong', () => {
    const wrong: ChannelForm = {
      ...newChannel('email'),
      to: ['nobody'],
      matchers: [newPair('', 'x')],
      is_quiet: true,
      quiet_to: '',
      most_per_hour: 'some',
    };
    expect(draftOf(wrong)).toEqual({
      kind: 'wrong',
      faults: expect.objectContaining({
        name: 'A channel needs a name.',
        'target.to[0]': 'It must be an e-mail address.',
        matchers: 'A value needs the name of its label.',
        'quiet_hours.to': 'It must be a time such as 22:30.',
        most_per_hour: 'It must be a number.',
      }),
    });
  });

  it('sends a template only where one is chosen, and only one that is JSON', () => {
    expect(draftOf(changed({ preset: 'archon', template: 'no JSON' }))).toMatchObject({
      kind: 'right',
      draft: { target: { template: null } },
    });
    expect(draftOf(changed({ preset: 'template', template: '{"a": {{summary}}}' }))).toMatchObject({
      kind: 'wrong',
      faults: { 'target.template': expect.stringContaining('must be JSON') },
    });
    expect(templateFault(newChannel('webhook').template)).toBeUndefined();
    expect(templateFault(' ')).toContain('{{summary}}');
  });
});

describe('what is said of a channel', () => {
  it('is where it leads, without its secrets', () => {
    expect(targetWords(channel())).toBe('Discord, URL: hooks.example.org/…3f9a');
    expect(targetWords(channel({ target: { kind: 'slack', url: OF_SETTINGS } }))).toBe(
      'Webhook: that of the settings: hooks.example.org/…3f9a',
    );
    expect(targetWords(channel({ target: { kind: 'email', to: [], server: 'mail:587' } }))).toBe(
      'To those of the settings by mail:587',
    );
    expect(secretWords({ set: false, hint: null, from_settings: false })).toBe('none');
  });

  it('is which alerts it is given', () => {
    expect(routeWords(channel())).toBe('High and worse, where node begins with ada');
    expect(routeWords({ min_severity: 'low', matchers: [] })).toBe('All alerts');
    expect(routeWords({ min_severity: 'critical', matchers: [] })).toBe('Critical alerts');
  });

  it('is what is another in two versions', () => {
    const nameOf = (id: string) => (id === 'email' ? 'E-mail' : id);
    const theirs = channel({ quiet_hours: null, fallback: null, most_per_hour: 60 });
    expect(differences(channelFacts(keptDraft(channel()), nameOf), channelFacts(theirs, nameOf))).toEqual([
      { name: 'Quiet hours', mine: '22:00 to 07:00 (Europe/Berlin), but critical ones', theirs: 'none' },
      { name: 'An hour at most', mine: '20', theirs: '60' },
      { name: 'When it fails', mine: 'E-mail', theirs: 'nothing else' },
    ]);
  });
});

describe('what is said of what was sent', () => {
  const AT = '2026-11-30T12:00:00.000Z';

  it.each([
    [{ state: 'waiting', until: AT, reason: 'quiet_hours' }, 'Waits for the end of the quiet hours.', true],
    [{ state: 'retrying', attempts: 2, next_at: AT, error: '429' }, '2 attempts: 429', true],
    [{ state: 'sent', attempts: 1, at: AT }, 'At the first attempt.', false],
    [{ state: 'sent', attempts: 3, at: AT }, 'After 3 attempts.', false],
    [
      { state: 'failed', attempts: 5, at: AT, error: 'no\u001b', fallback: null },
      'Given up after 5 attempts: no␛',
      false,
    ],
    [{ state: 'dropped', at: AT, reason: 'Resolved before it was sent.' }, 'Resolved before it was sent.', false],
  ] as const)('%o', (state, words, open) => {
    expect(stateWords(state)).toBe(words);
    expect(momentOfState(state)).toBe(AT);
    expect(isOpen({ state } as OpsDelivery)).toBe(open);
  });

  it('what makes no sense in the URL is left out', () => {
    expect(channelsSearch.parse({ view: 'x', new: 'fax', state: 'lost', delivery: '7', channel: ' ' })).toEqual({});
    expect(channelsSearch.parse({ view: 'log', state: 'failed', of: 'slack' })).toEqual({
      view: 'log',
      state: ['failed'],
      of: 'slack',
    });
  });
});

describe('how a channel stands', () => {
  const broken = channel({ problem: 'It has no URL.' });
  const off = channel({ origin: 'settings', problem: 'It is switched off.', off_by_setting: 'alerts.slack_enabled' });
  const closed = channel({ origin: 'settings', problem: 'No desktop app is open here.', target: { kind: 'desktop' } });

  it('is a fault only where somebody set it up and it cannot send', () => {
    expect([channel(), broken, off, closed].map(standingOf)).toEqual(['sends', 'broken', 'not_set_up', 'no_desktop']);
    expect(standingOf(channel({ origin: 'settings', problem: 'No sender is set.' }))).toBe('broken');
  });

  it('fails until it has sent something since', () => {
    const last_failure = { at: '2026-11-30T12:00:00Z', error: 'refused' };
    expect(isFailing({ last_failure: null, last_sent_at: null })).toBe(false);
    expect(isFailing({ last_failure, last_sent_at: null })).toBe(true);
    expect(isFailing({ last_failure, last_sent_at: '2026-11-30T11:59:00Z' })).toBe(true);
    expect(isFailing({ last_failure, last_sent_at: '2026-11-30T12:01:00Z' })).toBe(false);
  });

  it('is counted of those that are set up', () => {
    expect(channelsSummary([channel(), broken, off, closed])).toBe('1 of 3 channels can send · 1 not set up');
    expect(channelsSummary([channel({ enabled: false })])).toBe('0 of 1 channel can send');
  });
});
