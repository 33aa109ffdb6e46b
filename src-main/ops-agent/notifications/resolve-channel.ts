/** What a channel leads to, by what a person said of it and by the settings. */
import { createHash } from 'node:crypto';
import type { OpsChannelDraft } from '../../../src-contract/index.ts';
import { ArchonError, assertNever } from '../../errors.ts';
import { AddressRefusedError, requirePublicLiteral } from '../../events/delivery/webhooks/send-request.ts';
import { KeyUnavailableError, SecretUnreadableError } from '../../secrets/secret-errors.ts';
import type { Config } from '../../settings/config-schema.ts';
import type { Channel, ChannelRoute, ChannelSecret } from './channel.ts';
import { PAGERDUTY_URL } from './messages/pagerduty-bodies.ts';
import { checkTemplate } from './messages/template-body.ts';

/** Nothing can be sent through a channel; the message says what to do. */
class ChannelProblem extends Error {
  override readonly name = 'ChannelProblem';
}

export interface Resolving {
  id: string;
  origin: Channel['origin'];
  draft: OpsChannelDraft;
  sealed: Channel['sealed'];
  config: Readonly<Config>;
  /** A secret of the channel in clear; undefined when it has none of its own. */
  secret(name: ChannelSecret): string | undefined;
  hasDesktop: boolean;
}

export function resolveChannel(given: Resolving): Channel {
  const { id, origin, draft, sealed } = given;
  const off_by_setting = switchedOff(given) ?? null;
  const off = off_by_setting === null ? undefined : `It is switched off in the settings (${off_by_setting}).`;
  const channel = { id, origin, draft, sealed, off_by_setting, revision: revisionOf(draft, sealed) };
  const enabled = draft.enabled && off === undefined;
  try {
    const route = routeOf(given);
    return { ...channel, enabled, route: off === undefined ? route : undefined, problem: off ?? null };
  } catch (error) {
    return { ...channel, enabled, route: undefined, problem: off ?? problemOf(error) };
  }
}

function problemOf(error: unknown): string {
  if (error instanceof ChannelProblem || error instanceof ArchonError) return error.message;
  if (error instanceof SecretUnreadableError) return 'No key reads its secrets: enter them again.';
  if (error instanceof KeyUnavailableError) return error.message;
  throw error;
}

/** The setting that has it switched off; undefined without one. */
function switchedOff({ id, origin, config }: Resolving): string | undefined {
  if (origin !== 'settings' || id === 'desktop') return undefined;
  const key = ENABLED[id];
  return key === undefined || config[key] ? undefined : key;
}

const ENABLED: Record<string, 'alerts.email_enabled' | 'alerts.slack_enabled' | 'alerts.webhook_enabled'> = {
  email: 'alerts.email_enabled',
  slack: 'alerts.slack_enabled',
  webhook: 'alerts.webhook_enabled',
};

/** @throws ChannelProblem and what reading secrets throws */
function routeOf(given: Resolving): ChannelRoute {
  const { draft, config } = given;
  const { target } = draft;
  switch (target.kind) {
    case 'desktop':
      if (!given.hasDesktop) throw new ChannelProblem('No desktop app is open here.');
      return { kind: 'desktop' };
    case 'email':
      return emailRoute(target.to, config);
    case 'slack': {
      const url = given.secret('url') ?? config['alerts.slack_url'];
      if (url === null) throw new ChannelProblem('It has no URL: enter that of an incoming webhook of Slack.');
      checkUrl(url, config);
      return { kind: 'slack', url };
    }
    case 'webhook':
      return webhookRoute(given, target);
    default:
      return assertNever(target);
  }
}

function emailRoute(to: readonly string[], config: Readonly<Config>): ChannelRoute {
  const [host, from] = [config['alerts.smtp_host'], config['alerts.email_from']];
  if (host === null) throw new ChannelProblem('No mail server is set: enter it in the settings (alerts.smtp_host).');
  if (from === null) throw new ChannelProblem('No sender is set: enter it in the settings (alerts.email_from).');
  const recipients = to.length > 0 ? to : config['alerts.email_to'];
  if (recipients.length === 0) throw new ChannelProblem('It has no recipients: enter at least one address.');
  const server = {
    host,
    port: config['alerts.smtp_port'],
    tls: config['alerts.smtp_tls'],
    username: config['alerts.smtp_username'],
    password: config['alerts.smtp_password'],
  };
  return { kind: 'email', server, from, to: recipients };
}

function webhookRoute(
  given: Resolving,
  { preset, template }: Extract<OpsChannelDraft['target'], { kind: 'webhook' }>,
): ChannelRoute {
  const { config } = given;
  const own = given.secret('url');
  // A key of PagerDuty is sent as it is, so that of the settings goes nowhere but to the URL of the settings.
  const isOwnKey = preset === 'pagerduty' && (own !== undefined || given.origin === 'custom');
  const url = own ?? (isOwnKey ? PAGERDUTY_URL : config['alerts.webhook_url']);
  if (url === null) throw new ChannelProblem('It has no URL: enter the one that alerts are posted to.');
  checkUrl(url, config);
  const secret = given.secret('secret') ?? (isOwnKey ? null : config['alerts.webhook_secret']);
  if (preset === 'pagerduty' && secret === null) {
    throw new ChannelProblem(
      'It has no routing key: enter the integration key of a service of PagerDuty as its secret.',
    );
  }
  if (preset === 'template') checkTemplate(template);
  return { kind: 'webhook', preset, template, url, secret };
}

function checkUrl(url: string, config: Readonly<Config>): void {
  const why = urlFault(url, { allow_private: config['events.webhooks_allow_private'] });
  if (why !== undefined) throw new ChannelProblem(`Its URL ${why}.`);
}

/** What is wrong with a URL that messages are posted to, to follow a name; undefined when nothing is. */
export function urlFault(url: string, { allow_private }: { allow_private: boolean }): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) {
    return 'must be one that begins with https:// or http://';
  }
  if (parsed.username !== '' || parsed.password !== '') return 'must hold no user or password: they are not sent';
  if (allow_private) return undefined;
  try {
    requirePublicLiteral(url);
    return undefined;
  } catch (error) {
    if (!(error instanceof AddressRefusedError)) throw error;
    return 'leads to a private or local address, which needs events.webhooks_allow_private';
  }
}

const revisionOf = (draft: OpsChannelDraft, sealed: Channel['sealed']): string =>
  createHash('sha256')
    .update(JSON.stringify([draft, sealed]))
    .digest('base64url')
    .slice(0, 22);
