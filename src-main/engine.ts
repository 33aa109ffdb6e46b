import type { Logger } from 'pino';
import type { LogComponent } from '../src-contract/index.ts';
import { appVersion, migrationsFolder } from './app-files.ts';
import { AppStatus, type OpenProfile } from './app-status.ts';
import { type Clock, systemClock } from './clock.ts';
import { engineDiagnostics } from './engine-diagnostics.ts';
import { type MigrationPolicy, migrateWithin } from './engine-migrations.ts';
import { controlsBase, memorySettingsOf, openOrganisationSettings } from './engine-settings.ts';
import { type Closers, EngineStores } from './engine-stores.ts';
import { createDelivery, type Delivery } from './events/delivery/create-delivery.ts';
import { eventsNeededFrom } from './events/delivery/subscriber-rows.ts';
import { EventFeed } from './events/event-feed.ts';
import { EventHistory } from './events/event-history.ts';
import { SessionEventDrain } from './events/session-event-drain.ts';
import type { ApiTokens } from './identity/api-tokens.ts';
import type { BrowserSessions } from './identity/browser-sessions.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import type { LoginCodes } from './identity/login-codes.ts';
import { Organisations } from './identity/organisations.ts';
import { LOCAL_ORG_ID, type Scope } from './identity/scope.ts';
import { AccessTracker } from './memory/access-tracker.ts';
import { ContextAssembler } from './memory/context-assembler.ts';
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
import { Logs } from './observability/logs/logs.ts';
import { createJournal } from './resilience/journal/create-journal.ts';
import { LocalStore } from './resilience/local-store.ts';
import { LexicalRetriever } from './retrieval/lexical-retriever.ts';
import { Search } from './retrieval/search.ts';
import type { DatabasePlace, SealedStore } from './secrets/sealed-store.ts';
import { type SecretBox, secretBoxOf } from './secrets/secret-box.ts';
import type { Services } from './services.ts';
import type { Config } from './settings/config-schema.ts';
import type { DeviceSettings } from './settings/device-settings.ts';
import { followDevice, LiveSettings, logFault, type SettingsReader } from './settings/live-settings.ts';
import type { SettingsOrigin } from './settings/load-config.ts';
import type { OrganisationSettings } from './settings/organisation-settings.ts';
import { testService } from './settings/service-tests/test-service.ts';
import { Settings } from './settings/settings.ts';
import type { Database } from './storage/database.ts';
import type { HistoryStore } from './storage/history-store.ts';
import { allPending, type MigrationReport, migrate, readMigrations } from './storage/migrator.ts';
import { storeIdentity } from './storage/store-identity.ts';
import { TransferJobs } from './transfer/transfer-jobs.ts';
import { createWorkers } from './workers/create-workers.ts';

/** Dead letters that are tried again at a time. */
const LETTERS_PER_RETRY = 100;

export interface EngineOptions {
  config: Config;
  /** What holds while it runs; without them the configuration does, unchanged. */
  settings?: LiveSettings;
  logger: Logger;
  clock?: Clock;
  /**
   * The time memory is read and written at, when it is another than now: a copy shows the moment it was taken at, so that
   * nothing in it expires or fades while somebody looks at it.
   */
  moment?: Clock;
  /** What the logger writes, for those who want to read it. Without it nothing of it is kept. */
  logs?: Logs;
  /** What of the configuration is locked, and what holds without the file of the data folder. */
  origin?: SettingsOrigin | undefined;
  /** The settings of this computer, when they outlive the engine; without them those of the data folder. */
  device?: DeviceSettings | undefined;
  /** What lets callers in, when it outlives the engine; without it the data folder's own. */
  identity?: Identity;
  /** Of the data folder, when whoever made the engine has it open: two of them would wait for each other's locks. */
  history?: HistoryStore;
  /** The data folder is held by whoever made the engine. */
  folder_held?: boolean;
  /** The connection profile that is open; it may be renamed meanwhile. */
  profile?: () => OpenProfile | null;
  /** Which database it is of those this computer may work on; without it the one of this computer. */
  place?: DatabasePlace;
  /** What a start may change of the database. */
  migrations?: MigrationPolicy;
  /** What it is the engine of. Without one no workers run in it: a command is over before they could do anything. */
  kind?: 'server' | 'desktop';
  /** Of the installation; without it, of the data folder alone. */
  secrets?: SecretBox;
}

interface Running {
  services: Services;
  organisations: Organisations;
  organisationSettings: OrganisationSettings;
  identity: Identity;
  database: Database;
  /** Where its database keeps sealed secrets. */
  sealedStores: readonly SealedStore[];
  /** What writes a moment after its caller was answered. */
  writeBehind: readonly { flush(): Promise<void> }[];
}

export class Engine {
  readonly #settings: LiveSettings;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #moment: Clock;
  readonly #logs: Logs;
  readonly #kind: 'server' | 'desktop' | undefined;
  readonly #options: Pick<
    EngineOptions,
    'identity' | 'history' | 'folder_held' | 'profile' | 'migrations' | 'origin' | 'device' | 'place'
  >;
  /** What seals and opens the secrets of its database. */
  readonly secrets: SecretBox;
  readonly #closers: Closers = [];
  readonly #stores: EngineStores;
  #running: Running | undefined;

  constructor(options: EngineOptions) {
    this.#settings = options.settings ?? new LiveSettings(options.config);
    this.#logger = options.logger;
    this.#settings.reportFaults((error) => logFault(componentLogger(this.#logger, 'settings'), error));
    this.#clock = options.clock ?? systemClock;
    this.#moment = options.moment ?? this.#clock;
    this.#logs = options.logs ?? new Logs({ level: 'silent', clock: this.#clock });
    this.#kind = options.kind;
    this.#options = options;
    this.secrets =
      options.secrets ?? secretBoxOf(this.#settings.device, { logger: componentLogger(this.#logger, 'identity') });
    this.#stores = new EngineStores({
      settings: this.#settings,
      logger: this.#logger,
      clock: this.#clock,
      closers: this.#closers,
    });
  }

  get services(): Services {
    return this.#parts.services;
  }

  get tokens(): ApiTokens {
    return this.#parts.identity.tokens;
  }

  get organisations(): Organisations {
    return this.#parts.organisations;
  }

  get browserSessions(): BrowserSessions {
    return this.#parts.identity.browserSessions;
  }

  get loginCodes(): LoginCodes {
    return this.#parts.identity.loginCodes;
  }

  get sealedStores(): readonly SealedStore[] {
    return this.#parts.sealedStores;
  }

  /** What holds, and hears of changes. */
  get settings(): SettingsReader {
    return this.#settings;
  }

  /** Whose secrets a new master key encrypts anew. */
  get organisationSettings(): OrganisationSettings {
    return this.#parts.organisationSettings;
  }

  get database(): Database {
    return this.#parts.database;
  }

  /**
   * Opens everything and brings the database up to date.
   *
   * @throws DataFolderInUseError, DataFolderNotWritableError, DatabaseTooNewError, DatabaseTooOldError, and what a store
   *   says of itself; the reason of the signal when that ended the start
   */
  async start({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    try {
      this.#running = await this.#interruptible(signal, () => this.#open(signal));
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  /** Writes now what is otherwise written a moment later: events of sessions, counts of reads. */
  async flush(): Promise<void> {
    for (const writer of this.#parts.writeBehind) await writer.flush();
  }

  /** Ends running work and closes the stores; safe to call twice. */
  async stop(): Promise<void> {
    this.#running = undefined;
    await this.#close();
  }

  /** Applies pending migrations, or only says which they are, without starting anything else. */
  async migrate({ dry_run, signal }: { dry_run: boolean; signal?: AbortSignal }): Promise<MigrationReport> {
    if (dry_run && this.#stores.hasNoDatabase()) return allPending(readMigrations(migrationsFolder));
    try {
      return await this.#interruptible(signal, async () => {
        if (!this.#options.folder_held) this.#stores.lockFolder();
        return await this.#migrate(await this.#stores.openDatabase(), { dry_run, signal });
      });
    } finally {
      await this.#close();
    }
  }

  async #open(signal: AbortSignal | undefined): Promise<Running> {
    const live = this.#settings;
    const { data_dir } = live.device;
    const clock = this.#clock;
    const moment = this.#moment;
    const settings = memorySettingsOf(live);
    const loggerOf = (component: LogComponent) => componentLogger(this.#logger, component);
    if (!this.#options.folder_held) this.#stores.lockFolder();
    const writes = !this.#stores.isReadOnly;
    this.#closers.push(followSettings(this.#logs, live));
    const figures = createFigures(appVersion);
    const observer = figures.recorder;
    const history = this.#options.history ?? this.#stores.openHistory();
    const device = this.#openDeviceSettings(history);
    const resilience = this.#stores.watchServices(history, device);
    const database = await this.#stores.openDatabase(resilience);
    // Before anything writes: what waited in the session store is written to the log while the engine starts.
    database.onEventsWritten((_org_id, types) => observer.published(types));
    const migrations = this.#options.migrations ?? 'apply';
    if (writes || live.device['database.url'] !== null) {
      await migrateWithin(database, migrations, { logger: this.#logger, signal });
    }
    const sessions = this.#stores.openSessions(resilience);
    const accesses = new AccessTracker({ database, clock, logger: loggerOf('memory'), enabled: writes });
    this.#closers.push(() => accesses.close());
    const sessionEvents = new SessionEventDrain({ outbox: sessions.outbox, database, logger: loggerOf('sessions') });
    if (writes) {
      this.#closers.push(() => sessionEvents.stop());
      sessionEvents.start();
    }
    const identity = this.#options.identity ?? createIdentity(history.db, clock, loggerOf('identity'));
    const { tokens } = identity;
    const organisations = new Organisations(database, { read_only: !writes });
    const everyOrganisation = () => [LOCAL_ORG_ID, ...tokens.organisations()];
    const { controls, organisation, refresh } = openOrganisationSettings({
      live,
      database,
      history,
      device,
      organisations: everyOrganisation,
      secrets: this.secrets,
      place: this.#options.place,
      hide: (secrets) => this.#logs.redaction.hide(secrets),
      clock,
      logger: loggerOf('settings'),
      observer,
      closers: this.#closers,
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
    this.#closers.push(() => events.stop());
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
    this.#closers.push(() => transfer.stop());
    await transfer.start();
    const backups = this.#stores.keepBackups(history, sessions);
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
      secrets: this.secrets,
      place: this.#options.place,
      dependencies: resilience.webhooks,
    });
    this.#closers.push(() => delivery.events.stop());
    if (writes) delivery.events.start();
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
    this.#closers.push(() => journal.stop());
    if (writes) journal.start();
    const { workers, supervision } = createWorkers({
      settings: live,
      database,
      clock,
      logger: loggerOf('workers'),
      kind: this.#kind ?? 'server',
      sessions,
      organisations: everyOrganisation,
      ensureOrganisation: (scope) => organisations.ensure(scope),
      controls: () => controlsBase(device.current, (key) => device.lockedBy(key) !== undefined),
      eventRetries: { retryDue: (scope) => retryDue(delivery, scope) },
      eventsNeededFrom,
      retained: [{ prune: (scope, _now_ms, limit) => delivery.deadLetters.removeOld(scope, limit) }],
      observer,
    });
    this.#closers.push(() => supervision.stop());
    if (writes && this.#kind) supervision.start();
    resilience.start(writes ? database : undefined);
    this.#closers.push(() => resilience.stop());
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
      workers: writes ? this.#kind && workers : undefined,
      breakers: watchBreakers(resilience),
      data_dir,
      organisations: everyOrganisation,
      isLasting: this.#kind !== undefined,
      version: appVersion,
      clock,
      logger: loggerOf('observability'),
    });
    this.#closers.push(stop);
    // Not before it has started: one that does not start takes no events along.
    if (writes && this.#options.device) {
      this.#closers.push(device.recordIn(new LocalStore(history)));
    }
    const diagnostics = engineDiagnostics({
      settings: live,
      database,
      health,
      metrics,
      resilience,
      writes: journal.writes,
      workers,
      logs: this.#logs,
      clock,
    });
    return {
      database,
      organisationSettings: organisation,
      organisations,
      identity,
      sealedStores: [delivery.sealed, organisation],
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
          profile: this.#options.profile ?? (() => null),
        }),
        tokens,
        workers,
        resilience,
        logs: this.#logs,
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
  #openDeviceSettings(history: HistoryStore): DeviceSettings {
    const { device, origin } = this.#options;
    if (device === undefined) return this.#stores.openDeviceSettings(history, origin);
    this.#closers.push(followDevice(device.live, this.#settings));
    return device;
  }

  /**
   * Runs work that a signal may end: nobody should have to wait for a database that does not answer, or for another
   * node's migration. What fails after the signal fails because of it.
   */
  async #interruptible<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const interrupt = () => this.#stores.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      signal?.throwIfAborted();
      const result = await work();
      signal?.throwIfAborted();
      return result;
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }

  async #migrate(
    database: Database,
    options: { dry_run?: boolean; signal: AbortSignal | undefined },
  ): Promise<MigrationReport> {
    options.signal?.throwIfAborted();
    const onWait = () => this.#logger.warn('another node is migrating the database; waiting until it is done');
    return await migrate(database, readMigrations(migrationsFolder), { ...options, onWait });
  }

  async #close(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        // The others must still be closed: an unreleased store may lose what it has not written yet.
        this.#logger.error({ err: error }, 'closing failed');
      }
    }
  }

  get #parts(): Running {
    if (this.#running === undefined) throw new Error('the engine is not running: start it first');
    return this.#running;
  }
}

async function retryDue({ replays }: Delivery, scope: Scope): Promise<{ items: number; changed: number }> {
  const retried = await replays.retryDue(scope, LETTERS_PER_RETRY);
  return { items: retried, changed: retried };
}
