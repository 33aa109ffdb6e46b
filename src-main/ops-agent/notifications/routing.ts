/** Which alerts a channel takes. */
import { OPS_SEVERITIES, type OpsAlert, type OpsChannelDraft } from '../../../src-contract/index.ts';
import { matchesAlert } from '../alerts/matchers.ts';

export const severityRank = (severity: OpsAlert['severity']): number => OPS_SEVERITIES.indexOf(severity);

/** Undefined when it does not take it; otherwise why it does, in a sentence. */
export function takes(
  { min_severity, matchers, name }: Pick<OpsChannelDraft, 'min_severity' | 'matchers' | 'name'>,
  alert: Pick<OpsAlert, 'severity' | 'rule_id' | 'labels'>,
): string | undefined {
  if (severityRank(alert.severity) < severityRank(min_severity) || !matchesAlert(matchers, alert)) return undefined;
  const match = matchers.map(({ label, value }) => `${label}=${value}`).join(', ');
  return `“${name}” takes alerts from ${min_severity} on${match === '' ? '' : ` with ${match}`}; this one is ${alert.severity}.`;
}
