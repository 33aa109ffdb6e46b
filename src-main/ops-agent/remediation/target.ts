import type { OpsLabels, OpsRemediatorName } from '../../../src-contract/index.ts';

/** Tells what one action at a time is done to. */
export const targetKey = (org_id: string, remediator: OpsRemediatorName, target: OpsLabels): string =>
  JSON.stringify([org_id, remediator, Object.entries(target).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** As people read it. */
export function targetInWords(target: OpsLabels): string {
  const parts = Object.entries(target).map(([label, value]) => `${label} ${value}`);
  return parts.length === 0 ? 'everything' : parts.join(', ');
}
