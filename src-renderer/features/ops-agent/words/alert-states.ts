/** How an alert is, as it is shown everywhere. */
import type { OpsAlertState } from '../../../../src-contract/index.ts';
import type { Tone } from '../../../ui/Badge.tsx';

export const ALERT_STATES: Readonly<Record<OpsAlertState['state'], { label: string; tone: Tone }>> = {
  pending: { label: 'Pending', tone: 'plain' },
  firing: { label: 'Firing', tone: 'bad' },
  clearing: { label: 'Clearing', tone: 'warn' },
  resolved: { label: 'Resolved', tone: 'ok' },
};
