/** Alerts, actions and recommendations of a period, from the notes of the agent. */
import type { OpsAction, OpsAlertDetail, OpsReportData } from '../../../src-contract/index.ts';
import { OPS_SEVERITIES } from '../../../src-contract/index.ts';
import type { Documents, RecordKind } from '../records/documents.ts';
import type { OpsRecords, RecordPlace } from '../records/ops-records.ts';
import { isWithin, type Period } from './period.ts';

const PAGE = 100;
/** Notes that are looked through. */
const MOST = 5000;
/** How much longer than the period alerts are looked for that may have gone on in it. */
const LONG_ALERT_MS = 8 * 86_400_000;
/** What a report lists. */
const LISTED = 50;
const MOST_RECOMMENDATIONS = 10;
const LONGEST_TEXT = 500;

/** What never began, or was only thought of. */
const NOT_DONE: ReadonlySet<OpsAction['state']['state']> = new Set([
  'waiting_approval',
  'assigned',
  'skipped',
  'rejected',
  'expired',
  'dry_run',
]);

export interface AgentNotes {
  alerts: OpsAlertDetail[];
  actions: OpsAction[];
}

/** Those that the period and the days it is compared with may need. */
export function readNotes(records: OpsRecords, org_id: string, since_ms: number): AgentNotes {
  const closed = documents(records, org_id, 'alert', since_ms - LONG_ALERT_MS);
  // One that fires for weeks is older than what is looked through.
  const open = records.list(org_id, 'alert', { open: true, limit: PAGE * 5 }).map(({ document }) => document);
  const alerts = new Map([...closed, ...open].map((alert) => [alert.id, alert]));
  return { alerts: [...alerts.values()], actions: documents(records, org_id, 'action', since_ms) };
}

function documents<K extends RecordKind>(records: OpsRecords, org_id: string, kind: K, since_ms: number) {
  const found: Documents[K][] = [];
  let before: RecordPlace | undefined;
  while (found.length < MOST) {
    const page = records.list(org_id, kind, { before, limit: PAGE });
    for (const { at_ms, document } of page) if (at_ms > since_ms) found.push(document);
    before = page.at(-1);
    if (before === undefined || page.length < PAGE || before.at_ms <= since_ms) break;
  }
  return found;
}

export interface AgentCounts {
  alerts_fired: number;
  actions_taken: number;
  actions_helped: number;
  detect_to_heal_seconds: number | null;
}

export function countNotes({ alerts, actions }: AgentNotes, period: Period): AgentCounts {
  const taken = actions.filter((action) => isTaken(action) && isWithin(period, Date.parse(action.created_at)));
  const began = new Map(alerts.map(({ id, started_at }) => [id, Date.parse(started_at)]));
  const helped = taken.filter(({ state }) => state.state === 'helped');
  const heal_ms = helped.flatMap(({ origin, state }) => {
    const begin_ms = origin.kind === 'rule' ? began.get(origin.alert_id) : undefined;
    return begin_ms !== undefined && state.state === 'helped' ? [Date.parse(state.at) - begin_ms] : [];
  });
  return {
    alerts_fired: alerts.filter((alert) => isWithin(period, firedAt(alert) ?? Number.NaN)).length,
    actions_taken: taken.length,
    actions_helped: helped.length,
    detect_to_heal_seconds:
      heal_ms.length > 0 ? Math.max(0, heal_ms.reduce((sum, ms) => sum + ms, 0) / heal_ms.length / 1000) : null,
  };
}

const isTaken = ({ state }: OpsAction): boolean => !NOT_DONE.has(state.state);

/** When it fired; undefined for one that never did. */
function firedAt({ state }: OpsAlertDetail): number | undefined {
  if (state.state === 'pending') return undefined;
  return state.since === null ? undefined : Date.parse(state.since);
}

/** Alerts that fired at some time of the period, the worst first. */
export function alertsOf({ alerts }: AgentNotes, period: Period): OpsReportData['alerts'] {
  const severity = (alert: OpsAlertDetail) => OPS_SEVERITIES.indexOf(alert.severity);
  return alerts
    .filter((alert) => {
      const fired_ms = firedAt(alert);
      if (fired_ms === undefined || fired_ms > period.to_ms) return false;
      return alert.ended_at === null || Date.parse(alert.ended_at) > period.from_ms;
    })
    .toSorted((a, b) => severity(b) - severity(a) || b.started_at.localeCompare(a.started_at))
    .slice(0, LISTED)
    .map(({ id, rule_name, severity: told, summary, started_at, ended_at }) => {
      return { id, rule_name, severity: told, summary, started_at, ended_at };
    });
}

export function actionsOf({ actions }: AgentNotes, period: Period): OpsReportData['actions'] {
  return actions
    .filter(({ created_at }) => isWithin(period, Date.parse(created_at)))
    .toSorted((a, b) => b.created_at.localeCompare(a.created_at))
    .slice(0, LISTED)
    .map(({ id, remediator, cause, outcome, state, created_at, duration_ms }) => {
      const told = { cause: clipped(cause), outcome: outcome === null ? null : clipped(outcome) };
      return { id, remediator, ...told, state: state.state, at: created_at, duration_ms };
    });
}

/** What a service said when it failed may be long. */
const clipped = (text: string): string => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);

const IMPACTS = ['high', 'medium', 'low'] as const;

export function recommendationsOf(records: OpsRecords, org_id: string): OpsReportData['recommendations'] {
  return records
    .list(org_id, 'recommendation', { limit: PAGE })
    .map(({ document }) => document)
    .filter(({ state }) => state.state === 'open')
    .toSorted((a, b) => IMPACTS.indexOf(a.impact) - IMPACTS.indexOf(b.impact))
    .slice(0, MOST_RECOMMENDATIONS)
    .map(({ title, detail, impact }) => ({ title, detail, impact }));
}
