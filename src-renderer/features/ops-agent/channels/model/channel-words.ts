/** What is said of channels. Pure. */
import type { OpsChannel, OpsChannelDraft } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { number, plural } from '../../../../ui/format.ts';
import { matcherWords } from '../../fields/pairs.ts';
import { SEVERITIES } from '../../words/severity.ts';
import type { WebhookPreset } from './channel-form.ts';

export const PRESETS: Readonly<Record<WebhookPreset, { label: string; help: string }>> = {
  archon: { label: 'Archon', help: 'Everything that Archon knows, as JSON, signed with the secret.' },
  discord: { label: 'Discord', help: 'For the URL of a webhook of a channel of Discord.' },
  teams: { label: 'Microsoft Teams', help: 'For the URL of a workflow of Teams, as an adaptive card.' },
  pagerduty: {
    label: 'PagerDuty',
    help: 'Events API v2: opens and resolves incidents. The secret is the integration key of the service; the URL may be left out.',
  },
  alertmanager: { label: 'Prometheus Alertmanager', help: 'As alerts that are posted to its API.' },
  template: { label: 'A template of your own', help: 'JSON that you write, with places that are filled in.' },
};

/**
 * Why nothing can be sent through a channel. Only `broken` is a fault: one that nobody has set up is none, nor is a desktop
 * app that is closed.
 */
export type Standing = 'sends' | 'not_set_up' | 'no_desktop' | 'broken';

export function standingOf({ problem, off_by_setting, target }: OpsChannel): Standing {
  if (problem === null) return 'sends';
  if (off_by_setting !== null) return 'not_set_up';
  return target.kind === 'desktop' ? 'no_desktop' : 'broken';
}

/** Whether the last that it was given failed: one that sent something since is over it. */
export const isFailing = ({ last_failure, last_sent_at }: Pick<OpsChannel, 'last_failure' | 'last_sent_at'>): boolean =>
  last_failure !== null && (last_sent_at === null || Date.parse(last_failure.at) >= Date.parse(last_sent_at));

/** How many of those that are set up can send, and how many are not. */
export function channelsSummary(channels: readonly OpsChannel[]): string {
  const setUp = channels.filter((channel) => standingOf(channel) !== 'not_set_up');
  const sending = setUp.filter((channel) => channel.enabled && standingOf(channel) === 'sends');
  const rest = channels.length - setUp.length;
  const words = `${number(sending.length)} of ${plural(setUp.length, 'channel')} can send`;
  return rest === 0 ? words : `${words} · ${number(rest)} not set up`;
}

type Secret = { set: boolean; hint: string | null; from_settings: boolean };

/** What is shown of it in its place: `hooks.slack.com/…3f9a`, `that of the settings: …3f9a`, `none`. */
export function secretWords({ set, hint, from_settings }: Secret): string {
  const shown = hint === null ? 'set' : visibleText(hint);
  if (!set) return 'none';
  return from_settings ? `that of the settings: ${shown}` : shown;
}

/** Where it leads, in a line. */
export function targetWords({ target }: Pick<OpsChannel, 'target'>): string {
  switch (target.kind) {
    case 'desktop':
      return 'Notifications of the desktop app';
    case 'email':
      return `To ${target.to.length === 0 ? 'those of the settings' : target.to.map(visibleText).join(', ')}${target.server === null ? '' : ` by ${visibleText(target.server)}`}`;
    case 'slack':
      return `Webhook: ${secretWords(target.url)}`;
    case 'webhook':
      return `${PRESETS[target.preset].label}, URL: ${secretWords(target.url)}`;
  }
}

/** Which alerts it is given: `High and worse, where node is ada`. */
export function routeWords({ min_severity, matchers }: Pick<OpsChannel, 'min_severity' | 'matchers'>): string {
  const severity =
    min_severity === 'low'
      ? 'All alerts'
      : `${SEVERITIES[min_severity].label}${min_severity === 'critical' ? ' alerts' : ' and worse'}`;
  return matchers.length === 0 ? severity : `${severity}, where ${matcherWords(matchers)}`;
}

type Facts = Omit<OpsChannelDraft, 'target'> & { target: OpsChannel['target'] | OpsChannelDraft['target'] };

/** A channel as facts, one by one: for what is another in two versions of it. Secrets are not told. */
export function channelFacts(channel: Facts, nameOf: (id: string) => string): Record<string, string> {
  const { quiet_hours, target } = channel;
  const critical = quiet_hours?.except_critical ? ', but critical ones' : '';
  return {
    Name: channel.name,
    Enabled: yes(channel.enabled),
    ...(target.kind === 'email' ? { Recipients: target.to.join(', ') || 'those of the settings' } : {}),
    ...(target.kind === 'webhook' ? { Body: PRESETS[target.preset].label, Template: target.template ?? 'none' } : {}),
    'Which alerts': routeWords(channel),
    'Sends what is resolved': yes(channel.send_resolved),
    'Sends reports': yes(channel.send_reports),
    'Quiet hours':
      quiet_hours === null ? 'none' : `${quiet_hours.from} to ${quiet_hours.to} (${quiet_hours.time_zone})${critical}`,
    'An hour at most': number(channel.most_per_hour),
    'When it fails': channel.fallback === null ? 'nothing else' : nameOf(channel.fallback),
  };
}

const yes = (is: boolean): string => (is ? 'yes' : 'no');
