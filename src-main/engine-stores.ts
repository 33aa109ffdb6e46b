/** Opens the stores that a configuration names. What is opened is closed in reverse order, however far a start came. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { appVersion, sessionsMigrationsFolder, sqliteMigrationsFolder } from './app-files.ts';
import type { Clock } from './clock.ts';
import { migrateWithin } from './engine-migrations.ts';
import { componentLogger } from './observability/logs/component-logger.ts';
import { Resilience } from './resilience/resilience.ts';
import type { Config } from './settings/config-schema.ts';
import { BackupSchedule } from './storage/backup/backup-schedule.ts';
import { DataBackups } from './storage/backup/data-backups.ts';
import { Database } from './storage/database.ts';
import { ClusterFolder } from './storage/embedded/cluster-folder.ts';
import { EmbeddedPostgres } from './storage/embedded/embedded-postgres.ts';
import { HistoryStore } from './storage/history-store.ts';
import { holdDataFolder } from './storage/hold-data-folder.ts';
import { remotePoolConfig } from './storage/remote-postgres.ts';
import { requireSupportedServer } from './storage/server-version.ts';
import { RedisConnection } from './storage/sessions/redis-connection.ts';
import { RedisSessionStore } from './storage/sessions/redis-session-store.ts';
import { redisTarget } from './storage/sessions/redis-target.ts';
import type { SessionStore } from './storage/sessions/session-store.ts';
import { SqliteSessionStore } from './storage/sessions/sqlite-session-store.ts';

/** Connections to the embedded database: it has one backend, more would only wait inside it. */
const EMBEDDED_POOL_SIZE = 4;

/** What was opened, to be closed in reverse order however far the start came. */
export type Closers = (() => void | Promise<void>)[];

export class EngineStores {
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #closers: Closers;
  /** The database from the moment it is opened, so that a start can be interrupted. */
  #opened: Database | undefined;
  #embedded: EmbeddedPostgres | undefined;

  constructor(deps: { config: Config; logger: Logger; clock: Clock; closers: Closers }) {
    this.#config = deps.config;
    this.#logger = deps.logger;
    this.#clock = deps.clock;
    this.#closers = deps.closers;
  }

  lockFolder(): void {
    this.#closers.push(holdDataFolder(this.#config.data_dir));
  }

  openHistory(): HistoryStore {
    const history = new HistoryStore(join(this.#config.data_dir, 'history.db'), sqliteMigrationsFolder, this.#clock);
    this.#closers.push(() => history.close());
    return history;
  }

  /** Cuts every call of the database: a start that is interrupted must not wait for it. */
  interrupt(): void {
    void this.#opened?.close({ grace_ms: 0 });
  }

  watchServices(history: HistoryStore): Resilience {
    const resilience = new Resilience({
      config: this.#config,
      history,
      clock: this.#clock,
      logger: componentLogger(this.#logger, 'resilience'),
      database_pool: this.#config['database.url'] === null ? EMBEDDED_POOL_SIZE : this.#config['database.pool_size'],
    });
    this.#closers.push(() => resilience.stop());
    return resilience;
  }

  /** True before the first start on the embedded database. */
  hasNoDatabase(): boolean {
    return this.#config['database.url'] === null && !new ClusterFolder(this.#clusterDir).exists();
  }

  get #clusterDir(): string {
    return join(this.#config.data_dir, 'postgres');
  }

  /** @param resilience without it nothing but migrations is done */
  async openDatabase(resilience?: Resilience): Promise<Database> {
    const url = this.#config['database.url'];
    const policy = resilience?.dependency('postgres');
    const logger = componentLogger(this.#logger, 'storage');
    const common = {
      logger,
      statement_timeout_ms: this.#config['database.statement_timeout_ms'],
      read_only: this.isReadOnly,
      ...(policy ? { policy } : {}),
    };
    if (url !== null) {
      const database = this.#keepOpen(new Database({ ...common, pool: remotePoolConfig(this.#config, url) }));
      requireSupportedServer(await database.ping());
      policy?.watchWith(() => database.probe());
      database.onReturn(() => policy?.mayBeBack());
      return database;
    }
    const embedded = new EmbeddedPostgres({ cluster_dir: this.#clusterDir, logger });
    this.#embedded = embedded;
    this.#closers.push(() => embedded.stop());
    await embedded.start();
    // Nobody else can bring it up to date, and what is on this computer needs nobody's leave.
    if (this.isReadOnly) await this.#migrateEmbedded(embedded);
    const database = this.#keepOpen(
      new Database({ ...common, pool: { ...embedded.poolConfig, max: EMBEDDED_POOL_SIZE } }),
    );
    policy?.watchWith(() => database.probe());
    return database;
  }

  get isReadOnly(): boolean {
    return this.#config.profile?.read_only === true;
  }

  async #migrateEmbedded({ poolConfig }: EmbeddedPostgres): Promise<void> {
    const logger = componentLogger(this.#logger, 'storage');
    const database = new Database({ pool: poolConfig, logger, statement_timeout_ms: 0 });
    try {
      await migrateWithin(database, 'apply', { logger, signal: undefined });
    } finally {
      await database.close();
    }
  }

  #keepOpen(database: Database): Database {
    this.#opened = database;
    this.#closers.push(() => database.close());
    return database;
  }

  openSessions(resilience: Resilience): SqliteSessionStore | RedisSessionStore {
    const redis = this.#openRedis(resilience);
    const store =
      redis === undefined
        ? new SqliteSessionStore(join(this.#config.data_dir, 'sessions.db'), sessionsMigrationsFolder)
        : new RedisSessionStore(redis, this.#config['redis.key_prefix']);
    this.#closers.push(() => store.close());
    return store;
  }

  #openRedis(resilience: Resilience): RedisConnection | undefined {
    const target = redisTarget(this.#config);
    if (target === undefined) return undefined;
    const policy = resilience.dependency('redis');
    const redis = new RedisConnection(target, policy);
    policy.watchWith(() => redis.ping());
    redis.onReturn(() => policy.mayBeBack());
    return redis;
  }

  /** Backups of what is in the data folder: the built-in session store among it, not a Redis. */
  keepBackups(history: HistoryStore, sessions: SessionStore): DataBackups {
    const { data_dir } = this.#config;
    const embedded = this.#embedded;
    const backups = new DataBackups({
      data_dir,
      postgres: embedded && ((target) => embedded.snapshot(target)),
      files: {
        'history.db': (target, signal) => history.copyTo(target, signal),
        ...(sessions instanceof SqliteSessionStore
          ? { 'sessions.db': (target: string, signal: AbortSignal) => sessions.copyTo(target, signal) }
          : {}),
      },
      keep: this.#config['backup.keep'],
      app_version: appVersion,
      clock: this.#clock,
    });
    this.#closers.push(() => backups.stop());
    const interval_hours = this.#config['backup.interval_hours'];
    const schedule = new BackupSchedule({
      backups,
      data_dir,
      interval_hours,
      clock: this.#clock,
      logger: componentLogger(this.#logger, 'backups'),
    });
    this.#closers.push(() => schedule.stop());
    schedule.start();
    return backups;
  }
}
