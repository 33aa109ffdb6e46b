/** Notes of the ops agent of the first organisation: an alert that fires, what was done and told about it, a report. */
import { join } from 'node:path';
import { opsAction, opsAlertDetail, opsDelivery, opsReport } from '../../../../src-contract/index.ts';
import { sqliteMigrationsFolder } from '../../../../src-main/app-files.ts';
import { LOCAL_ORG_ID } from '../../../../src-main/identity/scope.ts';
import { OpsRecords } from '../../../../src-main/ops-agent/records/ops-records.ts';
import { HistoryStore } from '../../../../src-main/storage/history-store.ts';

const IDS = {
  alert_id: '019a0000-0000-7000-8000-0000000000a1',
  action_id: '019a0000-0000-7000-8000-0000000000a2',
  delivery_id: '019a0000-0000-7000-8000-0000000000a3',
  report_id: '019a0000-0000-7000-8000-0000000000a4',
};

export function makeOpsNotes(data_dir: string): typeof IDS {
  const at_ms = Date.now() - 600_000;
  const at = new Date(at_ms).toISOString();
  const alert = opsAlertDetail.parse({
    id: IDS.alert_id,
    fingerprint: 'cellar-full',
    rule_id: 'disk-full',
    rule_name: 'Disk full',
    severity: 'high',
    labels: { node: 'cellar' },
    summary: 'The disk is full of Boskoop apples.',
    cause: null,
    advice: null,
    signal: 'disk_percent',
    value: 99,
    worst: 99,
    limit: 85,
    notify: true,
    state: { state: 'firing', since: at },
    started_at: at,
    ended_at: null,
    fired: 1,
    unknown_since: null,
    acknowledged: null,
    silenced_by: null,
    inhibited_by: null,
    escalation: 0,
    timeline: [{ at, kind: 'fired', text: 'fires', by: null, ref: null }],
  });
  const action = opsAction.parse({
    id: IDS.action_id,
    remediator: 'cleanup-run',
    target: {},
    origin: { kind: 'rule', rule_id: 'disk-full', rule_name: 'Disk full', alert_id: IDS.alert_id },
    cause: 'The disk is full of Boskoop apples.',
    risk: 'low',
    attempt: 1,
    state: { state: 'helped', at },
    before: [],
    after: [],
    outcome: 'Boskoop apples were eaten.',
    approved_by: null,
    created_at: at,
    started_at: at,
    ended_at: at,
    duration_ms: 5,
  });
  const delivery = opsDelivery.parse({
    id: IDS.delivery_id,
    channel_id: 'desktop',
    channel_name: 'Desktop',
    kind: 'desktop',
    about: 'firing',
    severity: 'high',
    subject: 'Boskoop apples everywhere',
    alert_ids: [IDS.alert_id],
    state: { state: 'sent', attempts: 1, at },
    why: [],
    created_at: at,
    duration_ms: 5,
  });
  const report = opsReport.parse({
    id: IDS.report_id,
    from: at,
    to: at,
    created_at: at,
    trigger: 'person',
    created_by: 'test',
    summary: 'Boskoop apples all day.',
    sent_to: [],
    data: {
      from: at,
      to: at,
      time_zone: 'UTC',
      recorded_percent: 100,
      summary: 'Boskoop apples all day.',
      figures: [],
      components: [],
      breakers: [],
      workers: [],
      errors: [],
      alerts: [],
      actions: [],
      recommendations: [],
    },
  });
  const history = new HistoryStore(join(data_dir, 'history.db'), sqliteMigrationsFolder);
  const records = new OpsRecords(history.db, { shared: false });
  records.put(LOCAL_ORG_ID, 'alert', { id: alert.id, at_ms, open: true, document: alert });
  records.put(LOCAL_ORG_ID, 'action', { id: action.id, at_ms, open: false, document: action });
  const work = { rule_id: 'disk-full', items: [], begun: true, attempts: 1, claim: null, tried: [], report: null };
  records.put(LOCAL_ORG_ID, 'delivery', { id: delivery.id, at_ms, open: false, document: { ...delivery, work } });
  records.put(LOCAL_ORG_ID, 'report', { id: report.id, at_ms, open: false, document: report });
  history.close();
  return IDS;
}
