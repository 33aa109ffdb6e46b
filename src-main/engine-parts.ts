/** Composition: configuration → stores → services. */
import type { Logger } from 'pino';
import type { LogComponent } from '../src-contract/index.ts';
import { appVersion } from './app-files.ts';
import { AppStatus } from './app-status.ts';
import type { Clock } from './clock.ts';
import { engineDiagnostics } from './engine-diagnostics.ts';
import { migrateWithin } from './engine-migrations.ts';
import type { EngineOptions, RunningEngine } from './engine-options.ts';
import { controlsBase, memorySettingsOf, openOrganisationSettings } from './engine-settings.ts';
import type { Closers, EngineStores } from './engine-stores.ts';
import { createDelivery, type Delivery } from './events/delivery/create-delivery.ts';
import { eventsNeededFrom } from './events/delivery/subscriber-rows.ts';
import { EventFeed } from './events/event-feed.ts';
import { EventHistory } from './events/event-history.ts';
import { SessionEventDrain } from './events/session-event-drain.ts';
import { createIdentity } from './identity/identity.ts';
import { Organisations } from './identity/organisations.ts';
import { LOCAL_ORG_ID, type Scope } from './identity/scope.ts';
import { AccessTracker } from './memory/access-tracker.ts';
import { ContextAssembler } from './memory/context-assembler.ts';
import { LastGoodContexts } from './memory/last-good-contexts.ts';
import { LongTermMemory } from './memory/longterm-memory.ts';
import { MemoryCatalog } from './memory/memory-catalog.ts';
import { MemoryStats } from './memory/memory-stats.ts';
import { DatabaseMemoryTransfer } from './memory/memory-transfer.ts';
import { countTokens } from './memory/o200k.ts';
import { SessionMemory } from './memory/session-memory.ts';
import { WorkingMemory } from './memory/working-memory.ts';
import { watchBreakers } from './observability/breaker-watch.ts';
import { createFigures, createObservability } from './observability/create-observability.ts';
import { componentLogger } from './observability/logs/component-logger.ts';
import { followSettings } from './observability/logs/create-logs.ts';
import type { Logs } from './observability/logs/logs.ts';
import { nodeName } from './ops-agent/agent/node-name.ts';
import { createOpsAgent } from './ops-agent/create-ops-agent.ts';
import { memoryCaches } from './ops-agent/remediation/memory-caches.ts';
import { createJournal } from './resilience/journal/create-journal.ts';
import { LocalStore } from './resilience/local-store.ts';
import { LexicalRetriever } from './retrieval/lexical-retriever.ts';
import { Search } from './retrieval/search.ts';
import type { SecretBox } from './secrets/secret-box.ts';
import type { DeviceSettings } from './settings/device-settings.ts';
import { followDevice, type LiveSettings } from './settings/live-settings.ts';
import { testService } from './settings/service-tests/test-service.ts';
import { Settings } from './settings/settings.ts';
import type { HistoryStore } from './storage/history-store.ts';
import { storeIdentity } from './storage/store-identity.ts';
import { TransferJobs } from './transfer/transfer-jobs.ts';
import { createWorkers } from './workers/create-workers.ts';

/** Dead letters that are tried again at a time. */
const LETTERS_PER_RETRY = 100;

/** What every part is opened with. */
export interface Opening {
  options: Pick<
    EngineOptions,
    'identity' | 'history' | 'folder_held' | 'profile' | 'migrations' | 'origin' | 'device' | 'place' | 'kind'
  >;
  live: LiveSettings;
  logger: Logger;
  logs: Logs;
  clock: Clock;
  /** The time memory is read and written at. */
  moment: Clock;
  secrets: SecretBox;
  stores: EngineStores;
  /** What ends each part, in the order in which they were begun. */
  closers: Closers;
}

/** Opens every part in its order; what a part needs was opened before. What was begun is in `closers` when this fails. */
export async function openParts(opening: Opening, signal: AbortSignal | undefined): Promise<RunningEngine> {
  const { options, live, logger, logs, clock, moment, secrets, stores, closers } = opening;
  const { kind } = options;
  const isOps = kind === 'ops';
  const { data_dir } = live.device;
  const settings = memorySettingsOf(live);
  const loggerOf = (component: LogComponent) => componentLogger(logger, component);
  if (!options.folder_held) stores.lockFolder();
  const writes = !stores.isReadOnly;
  closers.push(followSettings(logs, live));
  const figures = createFigures(appVersion);
  const observer = figures.recorder;
  const history = options.history ?? stores.openHistory();
  const device = openDeviceSettings(opening, history);
  const resilience = stores.watchServices(history, device);
  const database = await stores.openDatabase(resilience);
  // Before anything writes: what waited in the session store is written to the log while the engine starts.
  database.onEventsWritten((_org_id, types) => observer.published(types));
  const migrations = options.migrations ?? 'apply';
  if (writes || live.device['database.url'] !== null) {
    await migrateWithin(database, migrations, { logger: logger, signal });
  }
  const sessions = stores.openSessions(resilience);
  const accesses = new AccessTracker({ database, clock, logger: loggerOf('memory'), enabled: writes });
  closers.push(() => accesses.close());
  const sessionEvents = new SessionEventDrain({ outbox: sessions.outbox, database, logger: loggerOf('sessions') });
  if (writes) {
    closers.push(() => sessionEvents.stop());
    sessionEvents.start();
  }
  const identity = options.identity ?? createIdentity(history.db, clock, loggerOf('identity'));
  const { tokens } = identity;
  const organisations = new Organisations(database, { read_only: !writes });
  const everyOrganisation = () => [
    ...new Set([LOCAL_ORG_ID, ...tokens.organisations(), ...(isOps ? live.device['workers.organisations'] : [])]),
  ];
  const { controls, organisation, refresh } = openOrganisationSettings({
    live,
    database,
    history,
    device,
    organisations: everyOrganisation,
    secrets: secrets,
    place: options.place,
    hide: (secrets) => logs.redaction.hide(secrets),
    clock,
    logger: loggerOf('settings'),
    observer,
    closers: closers,
  });
  // Nobody else works on the embedded database: it lies in the data folder, which is locked.
  const events = new EventFeed({
    database,
    logger: loggerOf('events'),
    shared: live.device['database.url'] !== null,
  });
  events.onSettingsChanged((org_id) => {
    controls.askAgain(org_id);
    refresh(org_id === undefined ? everyOrganisation() : [org_id]).catch((error) =>
      loggerOf('settings').warn({ err: error }, 'changed settings could not be read; what was known before holds'),
    );
  });
  closers.push(() => events.stop());
  events.start();
  const transfer = new TransferJobs({
    db: history.db,
    folder: data_dir,
    sessions,
    memory: new DatabaseMemoryTransfer(database),
    clock,
    moment,
    logger: loggerOf('transfer'),
    countTokens,
    language: (scope) => settings(scope).search_language,
    appVersion,
    store_identity: storeIdentity(live.device),
  });
  closers.push(() => transfer.stop());
  await transfer.start();
  const backups = stores.keepBackups(history, sessions);
  const retriever = new LexicalRetriever(settings);
  // All of them, so that none meets an outage at the door later.
  for (const org_id of everyOrganisation()) await organisations.ensure({ org_id, actor: 'archon' });
  await refresh(everyOrganisation());
  const delivery = createDelivery({
    settings: live,
    database,
    feed: events,
    clock,
    logger: loggerOf('delivery'),
    organisations: everyOrganisation,
    observer,
    secrets: secrets,
    place: options.place,
    dependencies: resilience.webhooks,
  });
  closers.push(() => delivery.events.stop());
  if (writes && !isOps) delivery.events.start();
  const writers = {
    sessions: new SessionMemory({ store: sessions, clock: moment, settings, touches: writes }),
    working: new WorkingMemory({ database, clock: moment, settings, observer }),
    longterm: new LongTermMemory({ database, clock: moment, settings, accesses, observer }),
    memories: new MemoryCatalog({ database, sessions, clock: moment, settings, observer }),
  };
  const journal = createJournal({
    settings: live,
    database,
    sessions,
    writers,
    policyOf: (store) => resilience.dependency(store === 'database' ? 'postgres' : 'redis'),
    clock,
    logger: loggerOf('journal'),
  });
  closers.push(() => journal.stop());
  if (writes) journal.start();
  const { workers, supervision } = createWorkers({
    settings: live,
    database,
    clock,
    logger: loggerOf('workers'),
    kind: kind === 'desktop' ? 'desktop' : 'server',
    sessions,
    organisations: everyOrganisation,
    ensureOrganisation: (scope) => organisations.ensure(scope),
    controls: () => controlsBase(device.current, (key) => device.lockedBy(key) !== undefined),
    eventRetries: { retryDue: (scope) => retryDue(delivery, scope) },
    eventsNeededFrom,
    retained: [{ prune: (scope, _now_ms, limit) => delivery.deadLetters.removeOld(scope, limit) }],
    observer,
  });
  closers.push(() => supervision.stop());
  if (writes && kind && !isOps) supervision.start();
  resilience.start(writes ? database : undefined);
  closers.push(() => resilience.stop());
  const { health, metrics, stop } = createObservability({
    figures,
    database,
    held: () => resilience.dependency('postgres').calls.waiting,
    history: history.db,
    sessions,
    outbox: sessions.outbox,
    writes: journal.writes,
    feed: events,
    subscribers: delivery.events,
    deadLetters: delivery.deadLetters,
    workers: writes && kind && !isOps ? workers : undefined,
    breakers: watchBreakers(resilience),
    data_dir,
    organisations: everyOrganisation,
    isLasting: kind !== undefined,
    version: appVersion,
    clock,
    logger: loggerOf('observability'),
  });
  closers.push(stop);
  const lastGood = new LastGoodContexts();
  const ops = createOpsAgent({
    settings: live,
    history: history.db,
    organisations: everyOrganisation,
    feed: events,
    figures: observer,
    writes,
    unavailable: noOpsAgent(writes, kind),
    always: isOps,
    secrets,
    node: nodeName({ history, data_dir, kind: kind ?? 'engine', logger: loggerOf('ops-agent') }),
    clock,
    logger: loggerOf('ops-agent'),
    sources: {
      database,
      sessions,
      health,
      metrics,
      resilience,
      workers,
      has_workers: writes && kind !== undefined && !isOps,
      delivery,
      writes: journal.writes,
      backups,
      logs,
      caches: memoryCaches(lastGood, controls),
      sweepUploads: () => transfer.sweep(),
      data_dir,
      embedded: live.device['database.url'] === null,
    },
  });
  closers.push(() => ops.stop());
  ops.start();
  // Not before it has started: one that does not start takes no events along.
  if (writes && options.device) closers.push(device.recordIn(new LocalStore(history)));
  const diagnostics = engineDiagnostics({
    settings: live,
    database,
    health,
    metrics,
    resilience,
    writes: journal.writes,
    workers,
    logs: logs,
    clock,
  });
  return {
    database,
    organisationSettings: organisation,
    organisations,
    identity,
    sealedStores: [delivery.sealed, organisation, ops.sealed],
    writeBehind: writes ? [sessionEvents, accesses, resilience] : [],
    services: {
      ...writers,
      writes: journal.writes,
      search: new Search({ database, retriever, clock: moment, settings }),
      context: new ContextAssembler({
        database,
        sessions,
        retriever,
        accesses,
        events: writes ? sessions.outbox : undefined,
        touches: writes,
        controls,
        clock: moment,
        logger: loggerOf('memory'),
        settings,
        observer,
        lastGood,
      }),
      stats: new MemoryStats({ database, sessions, clock: moment, logger: loggerOf('memory'), settings }),
      transfer,
      backups,
      health,
      metrics,
      events,
      eventHistory: new EventHistory({ database, outbox: sessions.outbox, clock }),
      delivery,
      controls,
      app: new AppStatus({
        health,
        transfer,
        outbox: sessions.outbox,
        writes: journal.writes,
        database: live.device['database.url'] === null ? 'embedded' : 'remote',
        sessions: sessions.kind === 'redis' ? 'redis' : 'built-in',
        data_dir,
        profile: options.profile ?? (() => null),
      }),
      tokens,
      workers,
      resilience,
      logs: logs,
      ops: ops.services,
      settings: new Settings({
        live,
        database,
        device,
        organisation,
        controls,
        workers,
        testService: (service, { profile: _profile, ...values }) =>
          testService(service, values, { now_ms: clock.now() }),
        app_version: appVersion,
        clock,
      }),
      diagnostics,
    },
  };
}

/** Those that outlive the engine hold in it but for what its profile says otherwise. */
function openDeviceSettings(
  { options: { device, origin }, live, stores, closers }: Opening,
  history: HistoryStore,
): DeviceSettings {
  if (device === undefined) return stores.openDeviceSettings(history, origin);
  closers.push(followDevice(device.live, live));
  return device;
}

/** Why no ops agent runs in an engine. */
function noOpsAgent(writes: boolean, kind: EngineOptions['kind']): string | null {
  if (!writes) return 'This connection is for reading only: the ops agent would write.';
  return kind ? null : 'This command is over before it could do anything: it runs in a server or in the desktop app.';
}

async function retryDue({ replays }: Delivery, scope: Scope): Promise<{ items: number; changed: number }> {
  const retried = await replays.retryDue(scope, LETTERS_PER_RETRY);
  return { items: retried, changed: retried };
}
