/** Puts the workers together: the registry, the store, the supervisor of this process, and what the API asks. */
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { WorkerNode, WorkerSchedule } from '../../src-contract/index.ts';
import type { Clock } from '../clock.ts';
import { memorySettingsOf } from '../engine-settings.ts';
import type { Scope } from '../identity/scope.ts';
import type { ControlsBase } from '../memory/memory-controls.ts';
import type { Config } from '../settings/config-schema.ts';
import type { SettingsReader } from '../settings/live-settings.ts';
import type { Database } from '../storage/database.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import { consolidationWorker } from './consolidation/consolidation.ts';
import { HeuristicImportance, type ImportanceScorer } from './consolidation/importance.ts';
import { type EventRetries, eventRetryWorker } from './event-retry.ts';
import { parseSchedule } from './schedule.ts';
import { type FixedShard, shardLabel } from './shards.ts';
import { Supervision } from './supervision.ts';
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
  settings: SettingsReader;
  database: Database;
  clock: Clock;
  logger: Logger;
  kind: WorkerNode['kind'];
  shard?: FixedShard;
  /** Where this process can reach sessions. */
  sessions?: Pick<SessionStore, 'kind' | 'sweep'>;
  organisations(): Iterable<string>;
  ensureOrganisation(scope: Scope): Promise<void>;
  scorer?: ImportanceScorer;
  controls?: () => ControlsBase;
  eventRetries?: EventRetries;
  /** Every process must say: the one that cleans up removes events that were given to everybody. */
  eventsNeededFrom: CleanupDeps['eventsNeededFrom'];
  retained: readonly Retained[];
  observer?: WorkerObserver;
}

export interface CreatedWorkers {
  workers: Workers;
  supervision: Supervision;
}

export function createWorkers(deps: CreateWorkersDeps): CreatedWorkers {
  const { settings, database, clock, logger, kind, shard, organisations, ensureOrganisation, observer } = deps;
  const alone = settings.device['database.url'] === null;
  const lease_ms = () => (alone ? LEASE_ALONE_MS : settings.device['workers.lease_seconds'] * 1000);
  const store = new WorkerStore({ database, clock, lease_ms, observer });
  const definitions = registry(deps);
  const name = `${hostname()}:${process.pid}`;
  const makeSupervisor = () =>
    new Supervisor({
      store,
      definitions,
      node: { node_id: uuidv7(), name, kind, shard: shard ? shardLabel(shard) : null },
      organisations: () => new Set([...organisations(), ...settings.device['workers.organisations']]),
      ensureOrganisation,
      alone,
      lease_ms,
      concurrency: () => settings.device['workers.concurrency'],
      clock,
      logger,
      observer,
    });
  // A process of workers alone is there for nothing else.
  const isWanted = () => kind === 'worker' || settings.device['workers.enabled'];
  const supervision = new Supervision({ settings, isWanted, makeSupervisor, logger });
  const workers = new Workers({ database, store, definitions, clock, poke: () => supervision.poke() });
  return { workers, supervision };
}

/** Every worker there is; each is one file. */
function registry(deps: CreateWorkersDeps): WorkerDefinition[] {
  const { database, settings, sessions, eventRetries, eventsNeededFrom } = deps;
  const of = ({ org_id }: Scope) => settings.of(org_id);
  const schedule =
    (name: ScheduleKey) =>
    (scope: Scope): WorkerSchedule => {
      const text = of(scope)[name];
      const parsed = parseSchedule(text);
      if (parsed === undefined) throw new Error(`${name} is not a schedule: ${text}`);
      return parsed;
    };
  return [
    consolidationWorker({
      database,
      settings: memorySettingsOf(settings),
      scorer: deps.scorer ?? new HeuristicImportance(),
      schedule: schedule('workers.consolidation_schedule'),
      min_score: (scope) => of(scope)['workers.consolidation_min_score'],
      controls: deps.controls,
    }),
    cleanupWorker({
      schedule: schedule('workers.cleanup_schedule'),
      kept: (scope) => ({
        expired_days: of(scope)['workers.expired_days'],
        tombstone_days: of(scope)['workers.tombstone_days'],
        events_days: of(scope)['workers.events_days'],
      }),
      eventsNeededFrom,
    }),
    ...(sessions ? [sessionCleanupWorker({ sessions, schedule: schedule('workers.session_cleanup_schedule') })] : []),
    ...(eventRetries
      ? [eventRetryWorker({ retries: eventRetries, schedule: schedule('workers.event_retry_schedule') })]
      : []),
    retentionWorker({
      schedule: schedule('workers.retention_schedule'),
      runs_kept: (scope) => of(scope)['workers.runs_kept'],
      retained: deps.retained,
    }),
  ];
}

type ScheduleKey = Extract<keyof Config, `workers.${string}_schedule`>;
