/** What is said of what was sent. Pure. */
import type { OpsDelivery, OpsDeliveryState } from '../../../../../src-contract/index.ts';
import type { Tone } from '../../../../ui/Badge.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { plural } from '../../../../ui/format.ts';

export type DeliveryStateName = OpsDeliveryState['state'];
export const DELIVERY_STATE_NAMES = [
  'waiting',
  'retrying',
  'sent',
  'failed',
  'dropped',
] as const satisfies readonly DeliveryStateName[];

export const DELIVERY_STATES: Readonly<Record<DeliveryStateName, { label: string; tone: Tone }>> = {
  waiting: { label: 'Waiting', tone: 'plain' },
  retrying: { label: 'Trying again', tone: 'warn' },
  sent: { label: 'Sent', tone: 'ok' },
  failed: { label: 'Failed', tone: 'bad' },
  dropped: { label: 'Not sent', tone: 'plain' },
};

export const ABOUT: Readonly<Record<OpsDelivery['about'], string>> = {
  firing: 'Firing',
  resolved: 'Resolved',
  repeat: 'Still firing',
  escalated: 'Escalated',
  report: 'Report',
  test: 'Test',
};

export const KINDS: Readonly<Record<OpsDelivery['kind'], string>> = {
  desktop: 'Desktop notification',
  email: 'E-mail',
  slack: 'Slack',
  webhook: 'Webhook',
};

const WAITS_FOR: Readonly<Record<Extract<OpsDeliveryState, { state: 'waiting' }>['reason'], string>> = {
  group_wait: 'Waits for others of its group',
  group_interval: 'Others of its group were just sent',
  quiet_hours: 'Waits for the end of the quiet hours',
  rate_limit: 'Enough was sent in this hour',
  sending: 'Is being sent',
};

/** What is known of how it is, without its times. */
export function stateWords(state: OpsDeliveryState): string {
  switch (state.state) {
    case 'waiting':
      return `${WAITS_FOR[state.reason]}.`;
    case 'retrying':
      return `${plural(state.attempts, 'attempt')}: ${visibleText(state.error)}`;
    case 'sent':
      return state.attempts === 1 ? 'At the first attempt.' : `After ${plural(state.attempts, 'attempt')}.`;
    case 'failed':
      return `Given up after ${plural(state.attempts, 'attempt')}: ${visibleText(state.error)}`;
    case 'dropped':
      return visibleText(state.reason);
  }
}

/** The time that matters: when it was sent or given up, or when more comes of it. */
export function momentOfState(state: OpsDeliveryState): string {
  switch (state.state) {
    case 'waiting':
      return state.until;
    case 'retrying':
      return state.next_at;
    default:
      return state.at;
  }
}

export const isOpen = ({ state }: OpsDelivery): boolean => state.state === 'waiting' || state.state === 'retrying';
