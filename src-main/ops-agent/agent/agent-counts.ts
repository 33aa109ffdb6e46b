/** What the status counts of alerts and actions. */
import {
  OPS_SEVERITIES,
  type OpsAction,
  type OpsAlert,
  type OpsSeverity,
  type OpsStatus,
} from '../../../src-contract/index.ts';
import type { OpsRecords, RecordPlace } from '../records/ops-records.ts';

const HOUR_MS = 3_600_000;
const MOST_OPEN = 1000;
const PAGE = 100;

export function countAlerts(active: readonly OpsAlert[]): OpsStatus['alerts'] {
  const firing = active.filter(({ state: { state } }) => state === 'firing' || state === 'clearing');
  return { firing: firing.length, pending: active.length - firing.length, worst: worstOf(firing) };
}

function worstOf(alerts: readonly OpsAlert[]): OpsSeverity | null {
  const worst = Math.max(-1, ...alerts.map(({ severity }) => OPS_SEVERITIES.indexOf(severity)));
  return OPS_SEVERITIES[worst] ?? null;
}

/** Those that wait for a person, and those that the agent began by itself in the last hour. */
export function countActions(
  records: OpsRecords,
  org_id: string,
  now_ms: number,
): Pick<OpsStatus, 'approvals' | 'actions_last_hour'> {
  const open = records.list(org_id, 'action', { open: true, limit: MOST_OPEN });
  return {
    approvals: open.filter(({ document }) => document.state.state === 'waiting_approval').length,
    actions_last_hour: begunInLastHour(records, org_id, now_ms),
  };
}

function begunInLastHour(records: OpsRecords, org_id: string, now_ms: number): number {
  let count = 0;
  let before: RecordPlace | undefined;
  for (;;) {
    const page = records.list(org_id, 'action', { before, limit: PAGE });
    count += page.filter(({ document }) => isOfLastHour(document, now_ms)).length;
    const last = page.at(-1);
    // One may have waited for a person for up to a day before it began.
    if (page.length < PAGE || last === undefined || last.at_ms < now_ms - 25 * HOUR_MS) return count;
    before = last;
  }
}

function isOfLastHour({ origin, started_at }: OpsAction, now_ms: number): boolean {
  return origin.kind === 'rule' && started_at !== null && Math.abs(now_ms - Date.parse(started_at)) < HOUR_MS;
}
