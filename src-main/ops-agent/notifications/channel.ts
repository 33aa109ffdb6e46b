/** A channel as it holds: what a person said of it, and what it leads to. */
import { z } from 'zod';
import { type OPS_WEBHOOK_PRESETS, type OpsChannelDraft, opsChannelDraft } from '../../../src-contract/index.ts';
import type { MailServer } from '../../alerting/email.ts';

export type WebhookPreset = (typeof OPS_WEBHOOK_PRESETS)[number];

/** Channels that are always there. Their kind is their id. */
export const SETTINGS_CHANNELS = ['desktop', 'email', 'slack', 'webhook'] as const;
export type SettingsChannel = (typeof SETTINGS_CHANNELS)[number];
export const isSettingsChannel = (id: string): id is SettingsChannel => SETTINGS_CHANNELS.some((one) => one === id);

/** Where messages go, with secrets in clear: never shown, never logged. */
export type ChannelRoute =
  | { kind: 'desktop' }
  | { kind: 'email'; server: MailServer; from: string; to: readonly string[] }
  | { kind: 'slack'; url: string }
  | { kind: 'webhook'; preset: WebhookPreset; template: string | null; url: string; secret: string | null };

export type ChannelSecret = 'url' | 'secret';

export interface Channel {
  id: string;
  origin: 'settings' | 'custom';
  /** Without secrets: they are left out. */
  draft: OpsChannelDraft;
  /** Sealed, by name. */
  sealed: Readonly<Partial<Record<ChannelSecret, string>>>;
  /** Whether it is on, in the settings too. */
  enabled: boolean;
  /** Undefined while there is a problem. */
  route: ChannelRoute | undefined;
  /** Why nothing can be sent; null when it can. */
  problem: string | null;
  /** The setting that has it switched off; null without one. */
  off_by_setting: string | null;
  revision: string;
}

const NAMES: Record<SettingsChannel, string> = {
  desktop: 'Desktop',
  email: 'E-mail',
  slack: 'Slack',
  webhook: 'Webhook',
};

/** What holds of a channel of the settings until a person says otherwise. */
export function settingsDraft(id: SettingsChannel): OpsChannelDraft {
  const target = { desktop: { kind: id }, email: { kind: id, to: [] }, slack: { kind: id }, webhook: webhookTarget }[
    id
  ];
  // Reports go where people read at length.
  return opsChannelDraft.parse({ name: NAMES[id], target, send_reports: id === 'email' });
}
const webhookTarget = { kind: 'webhook', preset: 'archon' };

/** What is kept of a channel. */
export const keptChannel = z.object({
  draft: opsChannelDraft,
  sealed: z.partialRecord(z.enum(['url', 'secret']), z.string()),
});

/** That a person may add. */
export const MOST_CUSTOM = 50;
/** Notes of channels, those of the settings among them. */
export const MOST_CHANNELS = MOST_CUSTOM + SETTINGS_CHANNELS.length;
