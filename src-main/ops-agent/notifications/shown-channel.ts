/** A channel as the API shows it: of secrets only whether they are there, and their end. */
import type { OpsChannel } from '../../../src-contract/index.ts';
import { assertNever } from '../../errors.ts';
import type { Config } from '../../settings/config-schema.ts';
import type { Channel, ChannelSecret } from './channel.ts';
import { secretHint } from './channel-secrets.ts';

interface Showing extends Pick<OpsChannel, 'waiting' | 'sent_last_hour' | 'last_sent_at' | 'last_failure'> {
  config: Readonly<Config>;
  /** A secret of the channel's own; undefined without one, or when no key reads it. */
  clear(name: ChannelSecret): string | undefined;
}

export function shownChannel(channel: Channel, { config, clear, ...use }: Showing): OpsChannel {
  const { id, origin, draft, problem, off_by_setting, revision } = channel;
  return {
    ...draft,
    id,
    origin,
    target: shownTarget(channel, { config, clear }),
    problem,
    off_by_setting,
    ...use,
    revision,
  };
}

function shownTarget(
  { draft: { target }, sealed }: Channel,
  { config, clear }: Pick<Showing, 'config' | 'clear'>,
): OpsChannel['target'] {
  const secret = (name: ChannelSecret, of_settings: string | null) => {
    const value = sealed[name] === undefined ? of_settings : (clear(name) ?? '');
    return {
      set: value !== null,
      hint: value === null ? null : secretHint(value),
      from_settings: sealed[name] === undefined && value !== null,
    };
  };
  switch (target.kind) {
    case 'desktop':
      return { kind: 'desktop' };
    case 'email': {
      const host = config['alerts.smtp_host'];
      return { kind: 'email', to: target.to, server: host === null ? null : `${host}:${config['alerts.smtp_port']}` };
    }
    case 'slack':
      return { kind: 'slack', url: secret('url', config['alerts.slack_url']) };
    case 'webhook':
      return {
        kind: 'webhook',
        preset: target.preset,
        template: target.template,
        url: secret('url', config['alerts.webhook_url']),
        secret: secret('secret', config['alerts.webhook_secret']),
      };
    default:
      return assertNever(target);
  }
}
