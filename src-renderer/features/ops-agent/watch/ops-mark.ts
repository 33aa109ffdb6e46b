/** What the sidebar says of the ops agent beside its name. Pure. */
import type { OpsStatus } from '../../../../src-contract/index.ts';
import { plural } from '../../../ui/format.ts';

export interface OpsMark {
  tone: 'bad' | 'warn' | 'accent';
  /** How many alerts fire and actions wait, together. */
  count: number;
  /** For those who do not see it. */
  words: string;
}

/** Undefined when there is nothing to say: nothing fires, and nothing waits for a person. */
export function opsMark({ alerts, approvals, paused }: OpsStatus): OpsMark | undefined {
  const parts = [
    ...(alerts.firing === 0 ? [] : [`${plural(alerts.firing, 'alert')} ${alerts.firing === 1 ? 'fires' : 'fire'}`]),
    ...(approvals === 0 ? [] : [`${plural(approvals, 'action')} ${approvals === 1 ? 'waits' : 'wait'} for approval`]),
    ...(paused === null ? [] : ['paused']),
  ];
  if (parts.length === 0) return undefined;
  const isBad = alerts.worst === 'critical' || alerts.worst === 'high';
  const tone = isBad ? 'bad' : alerts.firing > 0 || paused !== null ? 'warn' : 'accent';
  return { tone, count: alerts.firing + approvals, words: parts.join(', ') };
}
