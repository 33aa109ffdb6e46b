/** The ops agent as the engine might tell of it: for tests of what is made of that. */
import type {
  OpsAction,
  OpsActionPreview,
  OpsAlert,
  OpsObservation,
  OpsRecommendation,
  OpsRemediator,
  OpsReport,
  OpsStatus,
} from '../../src-contract/index.ts';

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const at = (offset_ms: number): string => new Date(Date.now() + offset_ms).toISOString();

export function sampleStatus(patch: Partial<OpsStatus> = {}): OpsStatus {
  const monitor = (name: OpsStatus['monitors'][number]['monitor'], title: string): OpsStatus['monitors'][number] => ({
    monitor: name,
    title,
    state: 'ok',
    at: at(-12_000),
    duration_ms: 14,
    error: null,
    observations: 9,
  });
  return {
    agent: { state: 'waiting', next_round_at: at(48_000) },
    mode: 'automatic',
    paused: null,
    interval_seconds: 60,
    node: 'ada-laptop',
    last_round: { at: at(-12_000), duration_ms: 230, trigger: 'interval', observations: 45, error: null },
    monitors: [
      monitor('health', 'Health'),
      monitor('metrics', 'Metrics'),
      monitor('dlq', 'Dead letters'),
      monitor('worker', 'Workers'),
      monitor('resources', 'Resources'),
    ],
    alerts: { firing: 0, pending: 0, worst: null },
    approvals: 0,
    actions_last_hour: 0,
    most_actions_per_hour: 20,
    nodes: [{ node: 'ada-laptop', seen_at: at(-2000), leads: true }],
    storage: { shared: false, unsaved: 0, away_since: null },
    ...patch,
  };
}

export const sampleSignals = (): OpsObservation[] => [
  { signal: 'component_status', labels: { component: 'database', node: 'ada-laptop' }, value: 0, detail: null },
  {
    signal: 'component_status',
    labels: { component: 'sessions', node: 'ada-laptop' },
    value: 2,
    detail: 'connect ECONNREFUSED 127.0.0.1:6379',
  },
  { signal: 'breaker_open_seconds', labels: { breaker: 'redis', node: 'ada-laptop' }, value: 304, detail: 'refused' },
  { signal: 'api_latency_p95_ms', labels: { node: 'ada-laptop' }, value: 42.4, detail: null },
  { signal: 'dead_letters', labels: {}, value: 128, detail: null },
  { signal: 'worker_crashes_per_hour', labels: { worker: 'cleanup' }, value: 4, detail: null },
  { signal: 'disk_percent', labels: { node: 'ada-laptop' }, value: 71.3, detail: '/var/lib/archon' },
  { signal: 'database_bytes', labels: {}, value: 1_234_567_890, detail: null },
];

export function sampleAction(number: number, patch: Partial<OpsAction> = {}): OpsAction {
  return {
    id: id(number),
    remediator: 'worker-restart',
    target: { worker: 'cleanup' },
    origin: { kind: 'rule', rule_id: 'worker-crashes', rule_name: 'A worker crashes', alert_id: id(9000 + number) },
    cause: 'The worker cleanup crashed 4 times in an hour.',
    risk: 'low',
    attempt: 1,
    state: { state: 'helped', at: at(-number * 60_000) },
    before: [
      { label: 'State', value: 'crashed' },
      { label: 'Failures in a row', value: '4' },
    ],
    after: [
      { label: 'State', value: 'scheduled' },
      { label: 'Failures in a row', value: '0' },
    ],
    outcome: 'The worker runs again.',
    approved_by: null,
    created_at: at(-number * 60_000 - 4000),
    started_at: at(-number * 60_000 - 3000),
    ended_at: at(-number * 60_000),
    duration_ms: 3000,
    ...patch,
  };
}

export const sampleRemediators = (): OpsRemediator[] => [
  {
    name: 'circuit-breaker-reset',
    title: 'Reset a circuit breaker',
    precondition: 'The breaker is open, and the service behind it answers a probe.',
    effect: 'The breaker is closed: calls go to the service again.',
    risk: 'low',
    verification: 'The breaker stays closed for a minute.',
    signals: ['breaker_open_seconds'],
    targets: [
      { target: { breaker: 'redis', node: 'ada-laptop' }, title: 'Redis', detail: 'open for 5 min', blocked: null },
      {
        target: { breaker: 'postgres', node: 'ada-laptop' },
        title: 'PostgreSQL',
        detail: null,
        blocked: 'It is closed.',
      },
    ],
  },
  {
    name: 'worker-restart',
    title: 'Restart a worker',
    precondition: 'The worker is crashed or late.',
    effect: 'Its run is cancelled and begun anew.',
    risk: 'medium',
    verification: 'A run succeeds within five minutes.',
    signals: ['worker_crashes_per_hour', 'worker_overdue_seconds'],
    targets: ['consolidation', 'cleanup', 'retention', 'event-retry', 'session-cleanup'].map((worker) => ({
      target: { worker },
      title: worker,
      detail: null,
      blocked: null,
    })),
  },
  {
    name: 'event-replay',
    title: 'Replay dead letters',
    precondition: 'There are dead letters.',
    effect: 'They are delivered again.',
    risk: 'high',
    verification: 'There are fewer dead letters afterwards.',
    signals: ['dead_letters'],
    targets: [],
  },
];

export const samplePreview = (patch: Partial<OpsActionPreview> = {}): OpsActionPreview => ({
  remediator: 'worker-restart',
  target: { worker: 'cleanup' },
  what: 'The worker cleanup is restarted.',
  facts: [
    { label: 'State', value: 'crashed' },
    { label: 'Failures in a row', value: '4' },
  ],
  risk: 'medium',
  blocked: null,
  ...patch,
});

export function sampleRecommendation(number: number, patch: Partial<OpsRecommendation> = {}): OpsRecommendation {
  return {
    id: `index-${number}`,
    title: 'Add an index on memories (user_id, created_at)',
    detail: 'Most scans of this table read all of it.',
    impact: 'high',
    evidence: [
      { label: 'Scans without an index', value: '92 %' },
      { label: 'Rows', value: '1,204,331' },
    ],
    statement: 'CREATE INDEX CONCURRENTLY memories_user_created ON memories (user_id, created_at);',
    apply: null,
    state: { state: 'open' },
    found_at: at(-86_400_000),
    seen_at: at(-180_000),
    ...patch,
  };
}

export function sampleReport(number: number, patch: Partial<OpsReport> = {}): OpsReport {
  const [from, to] = [at(-(number + 1) * 86_400_000), at(-number * 86_400_000)];
  const summary = 'Up for 99.8 % of the day; one outage of Redis was healed in 41 s.';
  return {
    id: id(700 + number),
    from,
    to,
    created_at: to,
    trigger: 'schedule',
    created_by: null,
    summary,
    sent_to: ['Mail to the team'],
    data: {
      from,
      to,
      time_zone: 'UTC',
      recorded_percent: 97.5,
      summary,
      figures: [
        {
          key: 'uptime_percent',
          title: 'Uptime',
          unit: 'percent',
          better: 'up',
          value: 99.8,
          day_before: 99.1,
          week: 99.9,
        },
        {
          key: 'events_processed',
          title: 'Events processed',
          unit: 'count',
          better: 'neither',
          value: 12_345,
          day_before: 10_000,
          week: 11_000,
        },
        {
          key: 'latency_p95_ms',
          title: 'Latency (p95)',
          unit: 'ms',
          better: 'down',
          value: 84,
          day_before: 60,
          week: 84,
        },
        {
          key: 'detect_to_heal_seconds',
          title: 'Detected to healed',
          unit: 'seconds',
          better: 'down',
          value: null,
          day_before: null,
          week: null,
        },
      ],
      components: [
        { component: 'database', uptime_percent: 100, outages: 0, longest_outage_seconds: 0, mttr_seconds: null },
        { component: 'sessions', uptime_percent: 99.6, outages: 1, longest_outage_seconds: 341, mttr_seconds: 341 },
      ],
      breakers: [{ breaker: 'redis', openings: 1, open_seconds: 300, last_error: 'connect ECONNREFUSED' }],
      workers: [{ worker: 'cleanup', runs: 24, failures: 4, restarts: 1, mean_ms: 812 }],
      errors: [{ message: 'connect ECONNREFUSED 127.0.0.1:6379', component: 'sessions', count: 41, last_at: to }],
      alerts: [
        {
          id: id(9001),
          rule_name: 'A breaker is open',
          severity: 'critical',
          summary: 'The breaker of Redis is open for 5 min.',
          started_at: from,
          ended_at: to,
        },
      ],
      actions: [
        {
          id: id(1),
          remediator: 'circuit-breaker-reset',
          cause: 'The breaker of Redis is open.',
          outcome: 'Redis answers again.',
          state: 'helped',
          at: to,
          duration_ms: 812,
        },
      ],
      recommendations: [{ title: 'Add an index', detail: 'On memories.', impact: 'high' }],
    },
    ...patch,
  };
}

export function sampleAlert(number: number, patch: Partial<OpsAlert> = {}): OpsAlert {
  return {
    id: id(9000 + number),
    fingerprint: `f${number}`,
    rule_id: 'disk-full',
    rule_name: 'The disk is full',
    severity: 'high',
    labels: { node: 'ada-laptop' },
    summary: 'The disk of ada-laptop is 91 % full.',
    cause: null,
    advice: null,
    signal: 'disk_percent',
    value: 91,
    worst: 92,
    limit: 85,
    notify: true,
    state: { state: 'firing', since: at(-300_000) },
    started_at: at(-420_000),
    ended_at: null,
    fired: 1,
    unknown_since: null,
    acknowledged: null,
    silenced_by: null,
    inhibited_by: null,
    escalation: 0,
    ...patch,
  };
}
