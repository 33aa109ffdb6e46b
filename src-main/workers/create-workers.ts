/** Puts the workers together: the registry, the store, the supervisor of this process, and what the API asks. */
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { WorkerNode, WorkerSchedule } from '../../src-contract/index.ts';
import type { Clock } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { MemorySettings } from '../memory/memory-settings.ts';
import type { Config } from '../settings/config-schema.ts';
import type { Database } from '../storage/database.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import { consolidationWorker } from './consolidation/consolidation.ts';
import { HeuristicImportance, type ImportanceScorer } from './consolidation/importance.ts';
import { type EventRetries, eventRetryWorker } from './event-retry.ts';
import { parseSchedule } from './schedule.ts';
import { type FixedShard, shardLabel } from './shards.ts';
import { Supervisor } from './supervisor.ts';
import { type CleanupDeps, cleanupWorker } from './upkeep/cleanup.ts';
import { type Retained, retentionWorker } from './upkeep/retention.ts';
import { sessionCleanupWorker } from './upkeep/session-cleanup.ts';
import type { WorkerDefinition } from './worker.ts';
import type { WorkerObserver } from './worker-observer.ts';
import { WorkerStore } from './worker-store.ts';
import { Workers } from './workers.ts';

/** On the embedded database nobody else can take over, and each sign of life is a write to the disk. */
const LEASE_ALONE_MS = 600_000;

export interface CreateWorkersDeps {
  config: Config;
  database: Database;
  settings: () => MemorySettings;
  clock: Clock;
  logger: Logger;
  kind: WorkerNode['kind'];
  shard?: FixedShard;
  /** Where this process can reach sessions. */
  sessions?: Pick<SessionStore, 'kind' | 'sweep'>;
  organisations(): Iterable<string>;
  ensureOrganisation(scope: Scope): Promise<void>;
  scorer?: ImportanceScorer;
  eventRetries?: EventRetries;
  /** Every process must say: the one that cleans up removes events that were given to everybody. */
  eventsNeededFrom: CleanupDeps['eventsNeededFrom'];
  retained: readonly Retained[];
  observer?: WorkerObserver;
}

export interface CreatedWorkers {
  workers: Workers;
  supervisor: Supervisor;
}

export function createWorkers(deps: CreateWorkersDeps): CreatedWorkers {
  const { config, database, clock, logger, kind, shard, organisations, ensureOrganisation, observer } = deps;
  const alone = config['database.url'] === null;
  const lease_ms = alone ? LEASE_ALONE_MS : config['workers.lease_seconds'] * 1000;
  const store = new WorkerStore({ database, clock, lease_ms, observer });
  const definitions = registry(deps);
  const node = {
    node_id: uuidv7(),
    name: `${hostname()}:${process.pid}`,
    kind,
    shard: shard ? shardLabel(shard) : null,
  };
  const supervisor = new Supervisor({
    store,
    definitions,
    node,
    organisations: () => new Set([...organisations(), ...config['workers.organisations']]),
    ensureOrganisation,
    alone,
    lease_ms,
    concurrency: config['workers.concurrency'],
    clock,
    logger,
    observer,
  });
  const workers = new Workers({ database, store, definitions, clock, poke: () => supervisor.poke() });
  return { workers, supervisor };
}

/** Every worker there is; each is one file. */
function registry(deps: CreateWorkersDeps): WorkerDefinition[] {
  const { config, database, settings, sessions, eventRetries, eventsNeededFrom } = deps;
  const schedule = (name: ScheduleKey): WorkerSchedule => {
    const parsed = parseSchedule(config[name]);
    if (parsed === undefined) throw new Error(`${name} is not a schedule: ${config[name]}`);
    return parsed;
  };
  return [
    consolidationWorker({
      database,
      settings,
      scorer: deps.scorer ?? new HeuristicImportance(),
      schedule: schedule('workers.consolidation_schedule'),
      min_score: config['workers.consolidation_min_score'],
    }),
    cleanupWorker({
      schedule: schedule('workers.cleanup_schedule'),
      expired_days: config['workers.expired_days'],
      tombstone_days: config['workers.tombstone_days'],
      events_days: config['workers.events_days'],
      eventsNeededFrom,
    }),
    ...(sessions ? [sessionCleanupWorker({ sessions, schedule: schedule('workers.session_cleanup_schedule') })] : []),
    ...(eventRetries
      ? [eventRetryWorker({ retries: eventRetries, schedule: schedule('workers.event_retry_schedule') })]
      : []),
    retentionWorker({
      schedule: schedule('workers.retention_schedule'),
      runs_kept: config['workers.runs_kept'],
      retained: deps.retained,
    }),
  ];
}

type ScheduleKey = Extract<keyof Config, `workers.${string}_schedule`>;
