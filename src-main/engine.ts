/** The composition root: opens the stores a configuration names and puts the services together on them. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { appVersion, migrationsFolder, sessionsMigrationsFolder, sqliteMigrationsFolder } from './app-files.ts';
import { type Clock, systemClock } from './clock.ts';
import { ApiTokens } from './identity/api-tokens.ts';
import { Organisations } from './identity/organisations.ts';
import { LOCAL_ORG_ID } from './identity/scope.ts';
import { AccessTracker } from './memory/access-tracker.ts';
import { ContextAssembler } from './memory/context-assembler.ts';
import { LongTermMemory } from './memory/longterm-memory.ts';
import { MemoryCatalog } from './memory/memory-catalog.ts';
import type { MemorySettings } from './memory/memory-settings.ts';
import { MemoryStats } from './memory/memory-stats.ts';
import { DatabaseMemoryTransfer } from './memory/memory-transfer.ts';
import { countTokens } from './memory/o200k.ts';
import { SessionMemory } from './memory/session-memory.ts';
import { WorkingMemory } from './memory/working-memory.ts';
import { HealthChecks } from './observability/health-checks.ts';
import { LexicalRetriever } from './retrieval/lexical-retriever.ts';
import { Search } from './retrieval/search.ts';
import type { Services } from './services.ts';
import type { Config } from './settings/config-schema.ts';
import { DataFolderLock } from './storage/data-folder-lock.ts';
import { Database } from './storage/database.ts';
import { EmbeddedPostgres } from './storage/embedded/embedded-postgres.ts';
import { HistoryStore } from './storage/history-store.ts';
import { type MigrationReport, migrate, readMigrations } from './storage/migrator.ts';
import { remotePoolConfig } from './storage/remote-postgres.ts';
import { createRedis } from './storage/sessions/redis-connection.ts';
import { RedisSessionStore } from './storage/sessions/redis-session-store.ts';
import type { SessionStore } from './storage/sessions/session-store.ts';
import { SqliteSessionStore } from './storage/sessions/sqlite-session-store.ts';
import { storeIdentity } from './storage/store-identity.ts';
import { TransferJobs } from './transfer/transfer-jobs.ts';

/** Connections to the embedded database: it has one backend, more would only wait inside it. */
const EMBEDDED_POOL_SIZE = 4;

const TIDY_EVERY_MS = 3_600_000;
/** Sessions removed at a time: SQLite does it on the main thread. */
const SWEEP_LIMIT = 500;

export interface EngineOptions {
  config: Config;
  logger: Logger;
  clock?: Clock;
}

interface Running {
  services: Services;
  tokens: ApiTokens;
  organisations: Organisations;
  database: Database;
}

/** What was opened, to be closed in reverse order however far the start came. */
type Closers = (() => void | Promise<void>)[];

export class Engine {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #closers: Closers = [];
  #running: Running | undefined;

  constructor(options: EngineOptions) {
    this.#config = options.config;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
  }

  get services(): Services {
    return this.#parts.services;
  }

  get tokens(): ApiTokens {
    return this.#parts.tokens;
  }

  get organisations(): Organisations {
    return this.#parts.organisations;
  }

  get database(): Database {
    return this.#parts.database;
  }

  /**
   * Opens everything and brings the database up to date.
   *
   * @throws DataFolderInUseError, DataFolderNotWritableError, DatabaseTooNewError, and what a store says of itself
   */
  async start(): Promise<void> {
    try {
      this.#running = await this.#open();
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  /** Ends running work and closes the stores; safe to call twice. */
  async stop(): Promise<void> {
    this.#running = undefined;
    await this.#close();
  }

  /** Applies pending migrations, or only says which they are, without starting anything else. */
  async migrate(options: { dry_run: boolean }): Promise<MigrationReport> {
    try {
      this.#closers.push(lockFolder(this.#config.data_dir));
      const database = await this.#openDatabase();
      return await migrate(database, readMigrations(migrationsFolder), options);
    } finally {
      await this.#close();
    }
  }

  async #open(): Promise<Running> {
    const { data_dir } = this.#config;
    const clock = this.#clock;
    const settings = () => memorySettings(this.#config);
    this.#closers.push(lockFolder(data_dir));
    const history = new HistoryStore(join(data_dir, 'history.db'), sqliteMigrationsFolder, clock);
    this.#closers.push(() => history.close());
    const database = await this.#openDatabase();
    await migrate(database, readMigrations(migrationsFolder));
    const sessions = this.#openSessions();
    const accesses = new AccessTracker({ database, clock, logger: this.#logger });
    this.#closers.push(() => accesses.flush());
    const transfer = new TransferJobs({
      db: history.db,
      folder: data_dir,
      sessions,
      memory: new DatabaseMemoryTransfer(database),
      clock,
      logger: this.#logger,
      countTokens,
      language: this.#config['memory.search_language'],
      appVersion,
      store_identity: storeIdentity(this.#config),
    });
    this.#closers.push(() => transfer.stop());
    await transfer.start();
    this.#keepTidy(sessions);
    const retriever = new LexicalRetriever(settings);
    const tokens = new ApiTokens(history.db, clock);
    const organisations = new Organisations(database);
    await organisations.ensure({ org_id: LOCAL_ORG_ID, actor: 'archon' });
    return {
      database,
      tokens,
      organisations,
      services: {
        sessions: new SessionMemory({ store: sessions, clock, settings }),
        working: new WorkingMemory({ database, clock, settings }),
        longterm: new LongTermMemory({ database, clock, settings, accesses }),
        memories: new MemoryCatalog({ database, sessions, clock, settings }),
        search: new Search({ database, retriever, clock, settings }),
        context: new ContextAssembler({
          database,
          sessions,
          retriever,
          accesses,
          clock,
          logger: this.#logger,
          settings,
        }),
        stats: new MemoryStats({ database, sessions, clock, logger: this.#logger, settings }),
        transfer,
        health: new HealthChecks({ database, sessions, clock, data_dir, version: appVersion }),
      },
    };
  }

  async #openDatabase(): Promise<Database> {
    const url = this.#config['database.url'];
    const common = { logger: this.#logger, statement_timeout_ms: this.#config['database.statement_timeout_ms'] };
    if (url !== null) {
      const database = new Database({ ...common, pool: remotePoolConfig(this.#config, url) });
      this.#closers.push(() => database.close());
      await database.ping();
      return database;
    }
    const embedded = new EmbeddedPostgres({
      cluster_dir: join(this.#config.data_dir, 'postgres'),
      logger: this.#logger,
    });
    this.#closers.push(() => embedded.stop());
    await embedded.start();
    const database = new Database({ ...common, pool: { ...embedded.poolConfig, max: EMBEDDED_POOL_SIZE } });
    this.#closers.push(() => database.close());
    return database;
  }

  #openSessions(): SessionStore {
    const redis = createRedis(this.#config);
    const store =
      redis === undefined
        ? new SqliteSessionStore(join(this.#config.data_dir, 'sessions.db'), sessionsMigrationsFolder)
        : new RedisSessionStore(redis, this.#config['redis.key_prefix']);
    this.#closers.push(() => store.close());
    return store;
  }

  /** Removes what has expired outside PostgreSQL: sessions of the built-in store. */
  #keepTidy(sessions: SessionStore): void {
    const tidy = async () => {
      try {
        await sessions.sweep(this.#clock.now(), SWEEP_LIMIT);
      } catch (error) {
        this.#logger.warn({ err: error }, 'removing what has expired failed; it is tried again within the hour');
      }
    };
    const timer = setInterval(() => void tidy(), TIDY_EVERY_MS).unref();
    this.#closers.push(() => clearInterval(timer));
    void tidy();
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

function lockFolder(data_dir: string): () => void {
  const lock = DataFolderLock.acquire(data_dir);
  return () => lock.release();
}

function memorySettings(config: Config): MemorySettings {
  return {
    working_ttl_days: config['memory.working_ttl_days'],
    session_ttl_seconds: config['memory.session_ttl_minutes'] * 60,
    relevance_half_life_days: config['memory.relevance_half_life_days'],
    importance_half_life_days: config['memory.importance_half_life_days'],
    search_language: config['memory.search_language'],
    reserves: {
      session: config['memory.reserve_session'],
      working: config['memory.reserve_working'],
      longterm: config['memory.reserve_longterm'],
    },
  };
}
