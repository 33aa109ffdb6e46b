/** Which alerts are meant: by silences, and by what channels take. */
import type { OpsAlert, OpsLabels, OpsMatcher } from '../../../src-contract/index.ts';

/** Labels that a matcher can name besides those of the alert. */
export const MATCHER_NAMES = ['rule', 'severity'] as const;

type Matched = Pick<OpsAlert, 'labels' | 'rule_id' | 'severity'>;

/** Whether all of them match; none match everything. */
export const matchesAlert = (matchers: readonly OpsMatcher[], alert: Matched): boolean =>
  matchers.every(({ label, value }) => matchesValue(value, named(alert, label)));

/** A label that is not there matches only what may be anything. */
export function matchesValue(pattern: string, value: string | undefined): boolean {
  if (pattern.endsWith('*')) return pattern === '*' || value?.startsWith(pattern.slice(0, -1)) === true;
  return value === pattern;
}

/** Whether labels are those that a condition asks for. */
export function matchesLabels(wanted: OpsLabels, labels: OpsLabels): boolean {
  for (const label in wanted) {
    const pattern = wanted[label];
    if (pattern !== undefined && !matchesValue(pattern, labels[label])) return false;
  }
  return true;
}

function named(alert: Matched, label: string): string | undefined {
  switch (label) {
    case 'rule':
      return alert.rule_id;
    case 'severity':
      return alert.severity;
    default:
      return alert.labels[label];
  }
}
