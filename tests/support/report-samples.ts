/** A report as one might be: every section has something in it. */
import type { OpsReport, OpsReportData } from '../../src-contract/index.ts';
import { type FigureValues, figuresOf } from '../../src-main/ops-agent/reports/figures.ts';

export const SAMPLE_VALUES: FigureValues = {
  uptime_percent: 99.72,
  events_processed: 48_211,
  requests: 131_904,
  latency_mean_ms: 11.4,
  latency_p95_ms: 84,
  error_percent: 0.21,
  breaker_openings: 2,
  worker_runs: 402,
  worker_restarts: 1,
  worker_failures: 3,
  memories_added: 1204,
  memory_growth_percent: 1.8,
  dead_letters_added: 12,
  alerts_fired: 3,
  actions_taken: 4,
  actions_helped: 3,
  detect_to_heal_seconds: 41,
};

export function sampleReport(changes: Partial<OpsReportData> = {}): OpsReport {
  const day = (factor: number): FigureValues =>
    Object.fromEntries(
      Object.entries(SAMPLE_VALUES).map(([key, value]) => [
        key,
        value === null ? null : Number.isInteger(value) ? Math.round(value * factor) : value * factor,
      ]),
    ) as FigureValues;
  const from = '2026-11-29T06:00:00.000Z';
  const to = '2026-11-30T06:00:00.000Z';
  const data: OpsReportData = {
    from,
    to,
    time_zone: 'Europe/Berlin',
    recorded_percent: 98.6,
    summary:
      'Archon was up 99.72 % of the time. 3 alerts fired, and the agent acted 4 times; 3 of these helped. 131,904 requests came in, 95 of 100 within 84 ms. The longest outage was of database, 4 min 2 s.',
    figures: figuresOf(
      SAMPLE_VALUES,
      [{ ...day(1.12), uptime_percent: 100 }, null, { ...day(0.7), uptime_percent: 99.9 }],
      {
        latency_mean_ms: 12.1,
        latency_p95_ms: 71,
      },
    ),
    components: [
      { component: 'database', uptime_percent: 99.72, outages: 1, longest_outage_seconds: 242, mttr_seconds: 242 },
      { component: 'data_folder', uptime_percent: 100, outages: 0, longest_outage_seconds: 0, mttr_seconds: null },
      { component: 'delivery', uptime_percent: 97.1, outages: 3, longest_outage_seconds: 1510, mttr_seconds: 830 },
      { component: 'workers', uptime_percent: null, outages: 0, longest_outage_seconds: 0, mttr_seconds: null },
    ],
    breakers: [
      { breaker: 'postgres', openings: 1, open_seconds: 230, last_error: 'connect ECONNREFUSED 127.0.0.1:5432' },
      {
        breaker: 'webhook:0198c2f0-0000-7000-8000-000000000001',
        openings: 1,
        open_seconds: 3720,
        last_error: 'The receiver answered 503.',
      },
    ],
    workers: [
      { worker: 'consolidation', runs: 96, failures: 2, restarts: 1, mean_ms: 5321 },
      { worker: 'cleanup', runs: 24, failures: 0, restarts: 0, mean_ms: 210 },
      { worker: 'event-retry', runs: 282, failures: 1, restarts: 0, mean_ms: 34 },
    ],
    errors: [
      {
        message: 'delivery to a webhook failed: The receiver answered <n>.',
        component: 'delivery',
        count: 73,
        last_at: '2026-11-30T04:11:00.000Z',
      },
      {
        message: 'a query failed: connect ECONNREFUSED <address>',
        component: 'storage',
        count: 12,
        last_at: '2026-11-29T21:04:00.000Z',
      },
    ],
    alerts: [
      {
        id: '0198c2f0-0000-7000-8000-0000000000a1',
        rule_name: 'A component is unhealthy',
        severity: 'critical',
        summary: 'database is unhealthy: connection refused',
        started_at: '2026-11-29T21:01:00.000Z',
        ended_at: '2026-11-29T21:06:00.000Z',
      },
      {
        id: '0198c2f0-0000-7000-8000-0000000000a2',
        rule_name: 'Dead letters',
        severity: 'low',
        summary: '112 dead letters wait; more than 100.',
        started_at: '2026-11-30T02:00:00.000Z',
        ended_at: null,
      },
    ],
    actions: [
      {
        id: '0198c2f0-0000-7000-8000-0000000000b1',
        remediator: 'circuit-breaker-reset',
        cause: 'postgres has been open for more than 5 minutes.',
        outcome: 'It answered in 3 ms, and was closed.',
        state: 'helped',
        at: '2026-11-29T21:05:00.000Z',
        duration_ms: 1840,
      },
      {
        id: '0198c2f0-0000-7000-8000-0000000000b2',
        remediator: 'event-replay',
        cause: '112 dead letters wait.',
        outcome: '40 of 112 were delivered; the receiver answers 503 to the others.',
        state: 'did_not_help',
        at: '2026-11-30T02:00:10.000Z',
        duration_ms: 22_100,
      },
    ],
    recommendations: [
      {
        title: 'Add an index on archon_events (org_id, created_at)',
        detail: '84 % of the scans of this table read all of its 1.2 million rows.',
        impact: 'high',
      },
    ],
    ...changes,
  };
  return {
    id: '0198c2f0-0000-7000-8000-0000000000c1',
    from,
    to,
    created_at: '2026-11-30T06:00:07.000Z',
    trigger: 'schedule',
    created_by: null,
    summary: data.summary,
    sent_to: [],
    data,
  };
}
