/** One channel of the list: where it leads, what it is given, and how it does. */
import { Link } from '@tanstack/react-router';
import { Bell, Mail, MessageSquare, Webhook } from 'lucide-react';
import type { OpsChannel } from '../../../../../src-contract/index.ts';
import { Badge, type Tone } from '../../../../ui/Badge.tsx';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Switch } from '../../../../ui/fields.tsx';
import { routeWords, type Standing, standingOf, targetWords } from '../model/channel-words.ts';
import { KINDS } from '../model/delivery-words.ts';
import { ChannelState } from './ChannelState.tsx';

const ICONS = { desktop: Bell, email: Mail, slack: MessageSquare, webhook: Webhook } as const;

export interface ChannelRowProps {
  channel: OpsChannel;
  isOpen: boolean;
  isBusy: boolean;
  blocked: string | undefined;
  onOpen(): void;
  onSwitch(enabled: boolean): void;
}

export function ChannelRow({ channel, isOpen, isBusy, blocked, onOpen, onSwitch }: ChannelRowProps) {
  const name = visibleText(channel.name);
  const Icon = ICONS[channel.target.kind];
  const { quiet_hours } = channel;
  const standing = standingOf(channel);
  const isSetUp = standing !== 'not_set_up';
  return (
    <li
      aria-label={name}
      className={cx(
        'flex items-start gap-4 rounded-lg border bg-surface px-4 py-3',
        isOpen ? 'border-accent' : 'border-line',
      )}
    >
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0 text-faint" />
      <div className={cx('min-w-0 flex-1 space-y-0.5', isSetUp && !channel.enabled && 'opacity-75')}>
        <p className="flex items-center gap-2">
          <button
            type="button"
            dir="auto"
            onClick={onOpen}
            className="one-line min-w-0 text-left font-semibold text-[14px] underline-offset-2 hover:underline"
          >
            {name}
          </button>
          <Badge className="shrink-0">{KINDS[channel.target.kind]}</Badge>
          {channel.origin === 'settings' && <Badge className="shrink-0">from the settings</Badge>}
          <StandingBadge standing={standing} />
        </p>
        {isSetUp && (
          <p className="one-line text-muted text-xs" title={targetWords(channel)}>
            {targetWords(channel)}
          </p>
        )}
        {isSetUp && (
          <p className="flex flex-wrap gap-x-3 text-muted text-xs">
            <span>{routeWords(channel)}</span>
            {quiet_hours !== null && (
              <span>
                quiet {quiet_hours.from} to {quiet_hours.to} ({visibleText(quiet_hours.time_zone)})
              </span>
            )}
            {channel.send_reports && <span>the daily report</span>}
          </p>
        )}
        <ChannelState channel={channel} />
      </div>
      {isSetUp ? (
        <Switch
          label={`${name}: enabled`}
          checked={channel.enabled}
          disabled={isBusy}
          blocked={blocked}
          onChange={onSwitch}
        />
      ) : (
        <Link
          to="/settings"
          search={{ section: 'alerts' }}
          aria-label={`Set it up: ${name}`}
          className="shrink-0 text-accent-text text-xs underline underline-offset-2"
        >
          Set it up
        </Link>
      )}
    </li>
  );
}

const STANDINGS: Readonly<Record<Exclude<Standing, 'sends'>, { label: string; tone: Tone }>> = {
  not_set_up: { label: 'not set up', tone: 'plain' },
  no_desktop: { label: 'no desktop app', tone: 'plain' },
  broken: { label: 'cannot send', tone: 'warn' },
};

function StandingBadge({ standing }: { standing: Standing }) {
  if (standing === 'sends') return null;
  const { label, tone } = STANDINGS[standing];
  return (
    <Badge tone={tone} className="shrink-0">
      {label}
    </Badge>
  );
}
