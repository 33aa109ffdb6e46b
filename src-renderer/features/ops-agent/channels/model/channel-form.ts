/** What the form of a channel holds, what it means, and what is wrong with it. Pure. */
import type { OpsChannel, OpsChannelDraft, OpsChannelTarget, OpsSeverity } from '../../../../../src-contract/index.ts';
import type { OPS_WEBHOOK_PRESETS } from '../../../../../src-contract/ops-channels.ts';
import { opsChannelDraft } from '../../../../../src-contract/ops-channels.ts';
import { numberOf } from '../../fields/duration-input.ts';
import { type Faults, faultsIn } from '../../fields/faults.ts';
import { matchersOfPairs, type Pair, pairsFault, pairsOfMatchers } from '../../fields/pairs.ts';
import { ownTimeZone } from '../../fields/TimeZoneField.tsx';

export type ChannelKind = OpsChannelTarget['kind'];
export type WebhookPreset = (typeof OPS_WEBHOOK_PRESETS)[number];

/** A secret: the one that is there stays, that of the settings is taken, or another one is written. */
export type SecretForm = { how: 'keep' } | { how: 'settings' } | { how: 'write'; text: string };
export type SecretName = 'url' | 'secret';

/** Each kind keeps what was typed while another is chosen. */
export interface ChannelForm {
  name: string;
  enabled: boolean;
  kind: ChannelKind;
  to: readonly string[];
  url: SecretForm;
  secret: SecretForm;
  preset: WebhookPreset;
  template: string;
  min_severity: OpsSeverity;
  matchers: readonly Pair[];
  send_resolved: boolean;
  send_reports: boolean;
  is_quiet: boolean;
  quiet_from: string;
  quiet_to: string;
  time_zone: string;
  except_critical: boolean;
  most_per_hour: string;
  fallback: string | undefined;
}

export const MOST_MATCHERS = 20;

export const TEMPLATE_SAMPLE = `{
  "text": "{{severity}}: {{summary}}",
  "rule": "{{rule_name}}",
  "since": "{{started_at}}",
  "labels": "{{labels}}"
}`;

export function newChannel(kind: ChannelKind): ChannelForm {
  return {
    name: '',
    enabled: true,
    kind,
    to: [],
    url: { how: 'write', text: '' },
    secret: { how: 'write', text: '' },
    preset: 'archon',
    template: TEMPLATE_SAMPLE,
    min_severity: 'low',
    matchers: [],
    send_resolved: true,
    send_reports: false,
    is_quiet: false,
    quiet_from: '22:00',
    quiet_to: '07:00',
    time_zone: ownTimeZone(),
    except_critical: true,
    most_per_hour: '60',
    fallback: undefined,
  };
}

export function channelForm(channel: OpsChannel): ChannelForm {
  const { target, quiet_hours } = channel;
  const fresh = newChannel(target.kind);
  return {
    ...fresh,
    name: channel.name,
    enabled: channel.enabled,
    to: target.kind === 'email' ? target.to : [],
    url: 'url' in target ? secretForm(target.url) : fresh.url,
    secret: 'secret' in target ? secretForm(target.secret) : fresh.secret,
    preset: target.kind === 'webhook' ? target.preset : fresh.preset,
    template: (target.kind === 'webhook' ? target.template : null) ?? fresh.template,
    min_severity: channel.min_severity,
    matchers: pairsOfMatchers(channel.matchers),
    send_resolved: channel.send_resolved,
    send_reports: channel.send_reports,
    is_quiet: quiet_hours !== null,
    quiet_from: quiet_hours?.from ?? fresh.quiet_from,
    quiet_to: quiet_hours?.to ?? fresh.quiet_to,
    time_zone: quiet_hours?.time_zone ?? fresh.time_zone,
    except_critical: quiet_hours?.except_critical ?? fresh.except_critical,
    most_per_hour: String(channel.most_per_hour),
    fallback: channel.fallback ?? undefined,
  };
}

/** One of its own stays as it is; without one, that of the settings goes on being taken. */
const secretForm = ({ set, from_settings }: { set: boolean; from_settings: boolean }): SecretForm =>
  set && !from_settings ? { how: 'keep' } : { how: 'settings' };

/** What is sent of a secret: left out keeps it, null takes that of the settings. An empty one is none of its own. */
function secretOf<N extends SecretName>(name: N, form: SecretForm): { [K in N]?: string | null } {
  const said = (value: string | null) => ({ [name]: value }) as { [K in N]?: string | null };
  switch (form.how) {
    case 'keep':
      return {};
    case 'settings':
      return said(null);
    case 'write':
      return said(form.text.trim() === '' ? null : form.text.trim());
  }
}

function targetOf(form: ChannelForm): OpsChannelDraft['target'] {
  switch (form.kind) {
    case 'desktop':
      return { kind: 'desktop' };
    case 'email':
      return { kind: 'email', to: [...form.to] };
    case 'slack':
      return { kind: 'slack', ...secretOf('url', form.url) };
    case 'webhook':
      return {
        kind: 'webhook',
        preset: form.preset,
        template: form.preset === 'template' ? form.template : null,
        ...secretOf('url', form.url),
        ...secretOf('secret', form.secret),
      };
  }
}

function said(form: ChannelForm): OpsChannelDraft {
  return {
    name: form.name.trim(),
    enabled: form.enabled,
    target: targetOf(form),
    min_severity: form.min_severity,
    matchers: matchersOfPairs(form.matchers),
    send_resolved: form.send_resolved,
    send_reports: form.send_reports,
    quiet_hours: form.is_quiet
      ? {
          from: form.quiet_from,
          to: form.quiet_to,
          time_zone: form.time_zone.trim(),
          except_critical: form.except_critical,
        }
      : null,
    most_per_hour: numberOf(form.most_per_hour),
    fallback: form.fallback ?? null,
  };
}

export type CheckedChannel = { kind: 'right'; draft: OpsChannelDraft } | { kind: 'wrong'; faults: Faults };

/** @returns what it means, or what is wrong, by the paths of the contract */
export function draftOf(form: ChannelForm): CheckedChannel {
  const draft = said(form);
  const faults: Record<string, string> = { ...faultsIn(opsChannelDraft, draft) };
  const pairs = pairsFault(form.matchers, false);
  if (draft.name === '') faults.name = 'A channel needs a name.';
  if (pairs !== undefined) faults.matchers = pairs;
  if (form.kind === 'webhook' && form.preset === 'template') {
    const fault = templateFault(form.template);
    if (fault !== undefined) faults['target.template'] = fault;
  }
  return Object.keys(faults).length === 0 ? { kind: 'right', draft } : { kind: 'wrong', faults };
}

/** Where it is no JSON; which places there are the engine knows best. */
export function templateFault(template: string): string | undefined {
  if (template.trim() === '') return 'Write JSON with places such as {{summary}}.';
  try {
    JSON.parse(template);
    return undefined;
  } catch (error) {
    return `It must be JSON; places stand within strings. ${error instanceof Error ? error.message : ''}`;
  }
}

/** A channel as a draft that changes nothing: secrets of its own are kept, the others are those of the settings. */
export function keptDraft(channel: OpsChannel): OpsChannelDraft {
  return said(channelForm(channel));
}
