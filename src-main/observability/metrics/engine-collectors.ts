/** The figures of an engine that must be asked for. */
import { statfs } from 'node:fs/promises';
import {
  BREAKER_STATES,
  type EventSubscriber,
  HEALTH_STATUSES,
  type JournaledStore,
  type WorkersHealth,
} from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import type { DeadLetters, OpenLetters } from '../../events/delivery/dead-letters.ts';
import { kindOf } from '../../events/delivery/delivery-observer.ts';
import type { EventDelivery } from '../../events/delivery/event-delivery.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Database } from '../../storage/database.ts';
import type { SessionOutbox } from '../../storage/sessions/session-outbox.ts';
import type { BreakerWatch } from '../breaker-watch.ts';
import { scopesOf } from '../observed-scopes.ts';
import type { Collect } from './collectors.ts';
import { type CollectorName, SUBSCRIBER_KINDS } from './metric-definitions.ts';
import type { Metrics } from './metrics.ts';
import type { ProcessWatch } from './process-watch.ts';

interface JournalFigures {
  bytes: number;
  writes: { store: JournaledStore; waiting: number; refused: number }[];
}

export interface CollectorSources {
  database: Pick<Database, 'poolUse'>;
  /** Calls of the database that wait before its pool, for one of those let through to end. */
  held(): number;
  outbox: Pick<SessionOutbox, 'waiting'>;
  /** Writes that wait on the disk of this node, of every organisation. */
  writes: { figures(): JournalFigures };
  subscribers: Pick<EventDelivery, 'list'>;
  deadLetters: Pick<DeadLetters, 'open'>;
  /** Undefined where no workers run: their health would be a lie. */
  workers: { health(scope: Scope): Promise<WorkersHealth> } | undefined;
  breakers: BreakerWatch;
  process: ProcessWatch;
  data_dir: string;
  /** Organisations this node works for. */
  organisations(): Iterable<string>;
  clock: Clock;
}

export function engineCollectors(metrics: Metrics, sources: CollectorSources): Partial<Record<CollectorName, Collect>> {
  const { workers, breakers } = sources;
  return {
    process: () => sources.process.collect(),
    database_pool: () => collectPool(metrics, sources),
    disk: () => collectDisk(metrics, sources),
    session_outbox: () => collectOutbox(metrics, sources),
    journal: () => collectJournal(metrics, sources),
    delivery: () => collectDelivery(metrics, sources),
    breakers: () => collectBreakers(metrics, breakers),
    ...(workers ? { workers: () => collectWorkers(metrics, { ...sources, workers }) } : {}),
  };
}

function collectPool(metrics: Metrics, { database, held }: Pick<CollectorSources, 'database' | 'held'>): void {
  const { used, idle, waiting } = database.poolUse();
  metrics.set('archon_database_pool_connections', { state: 'used' }, used);
  metrics.set('archon_database_pool_connections', { state: 'idle' }, idle);
  metrics.set('archon_database_pool_waiting', {}, waiting + held());
}

async function collectDisk(metrics: Metrics, { data_dir }: Pick<CollectorSources, 'data_dir'>): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(data_dir);
  metrics.set('archon_data_folder_free_bytes', {}, bavail * bsize);
  metrics.set('archon_data_folder_size_bytes', {}, blocks * bsize);
}

async function collectOutbox(metrics: Metrics, { outbox, clock }: CollectorSources): Promise<void> {
  const { events, oldest_ms } = await outbox.waiting();
  metrics.set('archon_session_outbox_events', {}, events);
  metrics.set('archon_session_outbox_oldest_age_seconds', {}, ageSeconds(oldest_ms, clock));
}

function collectJournal(metrics: Metrics, { writes }: Pick<CollectorSources, 'writes'>): void {
  const figures = writes.figures();
  metrics.set('archon_journal_bytes', {}, figures.bytes);
  for (const { store, waiting, refused } of figures.writes) {
    metrics.set('archon_journal_writes', { store, state: 'waiting' }, waiting);
    metrics.set('archon_journal_writes', { store, state: 'refused' }, refused);
  }
}

async function collectDelivery(metrics: Metrics, sources: CollectorSources): Promise<void> {
  const { subscribers, deadLetters, clock } = sources;
  const rows: EventSubscriber[] = [];
  const letters: OpenLetters[] = [];
  for (const scope of scopesOf(sources)) {
    const [own, open] = await Promise.all([subscribers.list(scope), deadLetters.open(scope)]);
    // What one that is switched off has in its queue waits for a person, not for a process.
    rows.push(...own.filter(({ enabled }) => enabled));
    letters.push(...open);
  }
  for (const kind of SUBSCRIBER_KINDS) {
    const own = rows.filter(({ name }) => kindOf(name) === kind);
    for (const state of ['waiting', 'delayed', 'running'] as const) {
      metrics.set(
        'archon_event_queue_depth',
        { subscriber: kind, state },
        sum(own, (row) => row[state]),
      );
    }
    metrics.set(
      'archon_events_behind',
      { subscriber: kind },
      sum(own, ({ behind }) => behind),
    );
    const given_up = letters.filter(({ subscriber }) => kindOf(subscriber) === kind);
    metrics.set(
      'archon_dead_letters',
      { subscriber: kind },
      sum(given_up, (row) => row.dead),
    );
  }
  const oldest = earliest(letters.map(({ oldest_dead_at }) => oldest_dead_at));
  metrics.set('archon_dead_letter_oldest_age_seconds', {}, ageSeconds(oldest, clock));
  const waiting = earliest(rows.map(({ oldest_waiting_at }) => oldest_waiting_at));
  metrics.set('archon_event_queue_oldest_age_seconds', {}, ageSeconds(waiting, clock));
}

async function collectWorkers(
  metrics: Metrics,
  sources: CollectorSources & { workers: NonNullable<CollectorSources['workers']> },
): Promise<void> {
  const all: WorkersHealth[] = [];
  for (const scope of scopesOf(sources)) all.push(await sources.workers.health(scope));
  const worst = new Map<string, number>();
  for (const { name, status } of all.flatMap(({ workers }) => workers)) {
    worst.set(name, Math.max(worst.get(name) ?? 0, HEALTH_STATUSES.indexOf(status)));
  }
  for (const [worker, level] of worst) {
    metrics.setState('archon_worker_health', 'status', { worker, status: HEALTH_STATUSES[level] ?? 'unhealthy' });
  }
  // The same nodes work for every organisation.
  metrics.set('archon_worker_nodes', { status: 'live' }, Math.max(0, ...all.map(({ nodes }) => nodes.live)));
  metrics.set('archon_worker_nodes', { status: 'lost' }, Math.max(0, ...all.map(({ nodes }) => nodes.lost)));
}

function collectBreakers(metrics: Metrics, breakers: BreakerWatch): void {
  // A receiver that is gone has no breaker any more.
  metrics.forget('archon_breaker_state');
  const byService = Map.groupBy(breakers.list(), ({ service }) => service);
  for (const [service, readings] of byService) {
    const worst = Math.max(...readings.map(({ state }) => BREAKER_STATES.indexOf(state)));
    metrics.setState('archon_breaker_state', 'state', { service, state: BREAKER_STATES[worst] ?? 'closed' });
  }
}

const sum = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((total, row) => total + of(row), 0);

function earliest(times: readonly (string | null)[]): number | undefined {
  const known = times.filter((time) => time !== null).map((time) => Date.parse(time));
  return known.length === 0 ? undefined : Math.min(...known);
}

/** 0 when there is nothing; never less, whatever the clocks say. */
const ageSeconds = (since_ms: number | undefined, clock: Clock): number =>
  since_ms === undefined ? 0 : Math.max(0, clock.now() - since_ms) / 1000;
