/** Rules that come with Archon. The roadmap's five first, with its numbers as defaults of settings; then our own. */
import { type OpsCondition, type OpsRuleDraft, opsRuleDraft } from '../../../src-contract/index.ts';

type Limit = OpsCondition['limit'];
type Draft = Omit<Partial<OpsRuleDraft>, 'remediation'> &
  Pick<OpsRuleDraft, 'name' | 'conditions' | 'severity'> & {
    remediation?: Partial<NonNullable<OpsRuleDraft['remediation']>>;
  };

const HOUR_SECONDS = 3600;

const when = (signal: OpsCondition['signal'], operator: OpsCondition['operator'], limit: Limit): OpsCondition => ({
  signal,
  labels: {},
  operator,
  limit,
});
const number = (value: number): Limit => ({ kind: 'number', value });
const setting = (key: Extract<Limit, { kind: 'setting' }>['key']): Limit => ({ kind: 'setting', key });

const escalate = (severity: OpsRuleDraft['severity'], seconds?: number): OpsRuleDraft['escalation'][number] => ({
  after: seconds === undefined ? { kind: 'attempts' } : { kind: 'seconds', seconds },
  severity,
  channels: [],
});

const DRAFTS: Record<string, Draft> = {
  'dead-letters': {
    name: 'Dead letters',
    description: 'Events that could not be delivered, more than is usual. They are replayed by themselves.',
    advice: 'See the dead letters: once their subscriber is mended they can be replayed, or discarded.',
    conditions: [when('dead_letters', '>', setting('alerts.dead_letters_above'))],
    severity: 'low',
    notify: false,
    remediation: { remediator: 'event-replay' },
    escalation: [escalate('medium')],
  },
  'dead-letters-many': {
    name: 'Very many dead letters',
    description: 'Events that could not be delivered, so many that somebody must look at their subscriber.',
    advice: 'See the dead letters for what their subscriber fails with, mend it, and replay them.',
    conditions: [when('dead_letters', '>', setting('alerts.dead_letters_critical_above'))],
    severity: 'high',
  },
  'breaker-open': {
    name: 'Circuit breaker open',
    description: 'Something that Archon depends on does not answer. It is tried, and used again only when it answers.',
    advice: 'Look at what the breaker stands before; it closes as soon as that answers again.',
    conditions: [when('breaker_open_seconds', '>', setting('alerts.breaker_open_minutes'))],
    severity: 'critical',
    remediation: { remediator: 'circuit-breaker-reset' },
    escalation: [escalate('critical')],
  },
  'worker-crashes': {
    name: 'Worker crashes',
    description: 'A worker fails again and again.',
    advice: 'See the runs of the worker for what it fails with. Where it has too much to do, start more nodes.',
    conditions: [when('worker_crashes_per_hour', '>', setting('alerts.worker_crashes_above'))],
    severity: 'medium',
    remediation: { remediator: 'worker-restart' },
    escalation: [escalate('high'), escalate('high', HOUR_SECONDS)],
  },
  'api-slow': {
    name: 'Slow answers',
    description: 'Requests take longer than they should, while there are enough of them to tell.',
    advice: 'See the recommendations of the ops agent: an index may be missing.',
    conditions: [
      when('api_latency_p95_ms', '>', setting('alerts.latency_p95_ms')),
      when('api_requests_per_minute', '>=', number(6)),
    ],
    for_seconds: 180,
    severity: 'low',
    remediation: { remediator: 'cache-clear' },
    escalation: [escalate('medium')],
  },
  'disk-full': {
    name: 'Disk full',
    description: 'Little room is left on the disk of the data folder. What is over is removed.',
    advice: 'Make room on the disk, or give it more.',
    conditions: [when('disk_percent', '>', setting('alerts.disk_percent'))],
    for_seconds: 120,
    severity: 'high',
    remediation: { remediator: 'cleanup-run' },
    escalation: [escalate('critical')],
  },
  'memory-full': {
    name: 'Main memory full',
    description: 'Little main memory is left. Caches are emptied.',
    advice: 'See which process takes the memory, or give the computer more.',
    conditions: [when('memory_percent', '>', setting('alerts.memory_percent'))],
    for_seconds: 300,
    severity: 'high',
    remediation: { remediator: 'cache-clear' },
    // Little is won by it, as a rule: told again that it did not help, and nobody is woken.
    escalation: [escalate('high')],
  },
  'component-unhealthy': {
    name: 'Component unhealthy',
    description: 'A component of Archon does not work.',
    advice: 'See its health for what is wrong and what to do.',
    conditions: [when('component_status', '>=', number(2))],
    for_seconds: 60,
    severity: 'critical',
  },
  'journal-growing': {
    name: 'Journal growing',
    description: 'Writes wait on the disk for a store that is away, and become more.',
    advice: 'See why the store is away: once it is back they are written by themselves, and none is lost.',
    conditions: [when('journal_growth', '>', number(0)), when('journal_writes', '>', number(100))],
    for_seconds: 300,
    severity: 'high',
  },
  'event-lag': {
    name: 'Events wait',
    description: 'A subscriber is behind.',
    advice: 'See the subscribers: one is slow, or switched off somewhere.',
    conditions: [when('event_lag_seconds', '>', number(300))],
    for_seconds: 120,
    severity: 'medium',
  },
  'worker-late': {
    name: 'Worker late',
    description: 'A worker should have run and has not.',
    advice: 'See the worker: it may be at work for too long, or no node may be there to run it.',
    conditions: [when('worker_overdue_seconds', '>', number(900))],
    for_seconds: 120,
    severity: 'medium',
    remediation: { remediator: 'worker-restart' },
    escalation: [escalate('high')],
  },
  'nodes-lost': {
    name: 'Nodes lost',
    description: 'Nodes were not heard of for longer than their lease.',
    advice: 'See whether these nodes still run. One that was taken away for good is forgotten after a while.',
    conditions: [when('worker_nodes_lost', '>', number(0))],
    for_seconds: 300,
    severity: 'medium',
  },
  'backup-old': {
    name: 'Backup old',
    description: 'A backup has been due for six hours, and none was made. One is made.',
    advice: 'See the backups for why none was made.',
    // By how often they are made: who has one made a month has one of a fortnight ago, and that is well.
    conditions: [when('backup_age_seconds', '>', setting('backup.interval_hours'))],
    for_seconds: 6 * HOUR_SECONDS,
    severity: 'medium',
    remediation: { remediator: 'backup-now' },
    escalation: [escalate('high')],
  },
  'monitor-blind': {
    name: 'Monitor blind',
    description: 'A monitor of the ops agent tells nothing, so that nobody is told of what it looks after.',
    advice: 'See the status of the ops agent for what the monitor failed with.',
    conditions: [when('monitor_failed', '>=', number(1))],
    for_seconds: 300,
    severity: 'medium',
  },
};

/** By id, in the order in which they are listed. */
export const DEFAULT_RULES: ReadonlyMap<string, OpsRuleDraft> = new Map(
  Object.entries(DRAFTS).map(([id, draft]) => [id, opsRuleDraft.parse(draft)]),
);
