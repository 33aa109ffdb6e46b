/** What is done to heal, and how that is, in words. */
import type { OpsAction, OpsActionState, OpsRemediatorName } from '../../../../src-contract/index.ts';
import type { Tone } from '../../../ui/Badge.tsx';

/** As the remediators call themselves. */
export const REMEDIATORS: Readonly<Record<OpsRemediatorName, string>> = {
  'circuit-breaker-reset': 'Test and close a circuit breaker',
  'worker-restart': 'Restart a worker',
  'cache-clear': 'Empty the caches of a process',
  'event-replay': 'Replay dead letters',
  'cleanup-run': 'Clean up now',
  'reindex-advice': 'Look for what would make it faster',
  'table-analyze': 'Make the statistics of a table anew',
  'backup-now': 'Make a backup',
};

export type OpsActionStateName = OpsActionState['state'];

export const ACTION_STATES: Readonly<Record<OpsActionStateName, { label: string; tone: Tone }>> = {
  waiting_approval: { label: 'Waits for approval', tone: 'warn' },
  assigned: { label: 'Assigned', tone: 'accent' },
  running: { label: 'Running', tone: 'accent' },
  verifying: { label: 'Verifying', tone: 'accent' },
  helped: { label: 'Helped', tone: 'ok' },
  did_not_help: { label: 'Did not help', tone: 'warn' },
  failed: { label: 'Failed', tone: 'bad' },
  interrupted: { label: 'Interrupted', tone: 'warn' },
  skipped: { label: 'Skipped', tone: 'plain' },
  rejected: { label: 'Rejected', tone: 'plain' },
  expired: { label: 'Expired', tone: 'plain' },
  dry_run: { label: 'Dry run', tone: 'plain' },
};

/** It goes on by itself: its state is another one soon. */
export const isUnderWay = ({ state }: OpsAction): boolean =>
  state.state === 'assigned' || state.state === 'running' || state.state === 'verifying';

export const RISKS: Readonly<Record<OpsAction['risk'], { label: string; tone: Tone }>> = {
  none: { label: 'No risk', tone: 'ok' },
  low: { label: 'Low risk', tone: 'plain' },
  medium: { label: 'Medium risk', tone: 'warn' },
  high: { label: 'High risk', tone: 'bad' },
};
