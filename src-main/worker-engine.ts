/** What `archon worker` runs: the workers, on a PostgreSQL server that others share, and nothing else. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { migrationsFolder, sqliteMigrationsFolder } from './app-files.ts';
import { systemClock } from './clock.ts';
import { controlsBase } from './engine-settings.ts';
import { DeadLetters } from './events/delivery/dead-letters.ts';
import { deliverySettings } from './events/delivery/delivery-settings.ts';
import { JobQueue } from './events/delivery/job-queue.ts';
import { eventsNeededFrom } from './events/delivery/subscriber-rows.ts';
import { ApiTokens } from './identity/api-tokens.ts';
import { Organisations } from './identity/organisations.ts';
import { LOCAL_ORG_ID, type Scope } from './identity/scope.ts';
import { componentLogger } from './observability/logs/component-logger.ts';
import type { Config } from './settings/config-schema.ts';
import { LiveSettings, logFault, type SettingsReader } from './settings/live-settings.ts';
import type { SettingsOrigin } from './settings/load-config.ts';
import { Database } from './storage/database.ts';
import { HistoryStore } from './storage/history-store.ts';
import { migrate, readMigrations } from './storage/migrator.ts';
import { remotePoolConfig } from './storage/remote-postgres.ts';
import { requireSupportedServer } from './storage/server-version.ts';
import { createRedis } from './storage/sessions/redis-connection.ts';
import { RedisSessionStore } from './storage/sessions/redis-session-store.ts';
import { WorkerSettings } from './worker-settings.ts';
import { createWorkers } from './workers/create-workers.ts';
import type { FixedShard } from './workers/shards.ts';

export interface WorkerEngineOptions {
  config: Config;
  /** What holds while it runs; without them the configuration does, unchanged. */
  settings?: LiveSettings;
  /** Of the server that all share. */
  database_url: string;
  logger: Logger;
  /** What of the configuration goes before what is set in an organisation. */
  origin?: SettingsOrigin;
  /** The part of the users it is for; without one the nodes share them. */
  shard?: FixedShard;
}

/** Any number of them may have the same data folder: they only read the tokens in it, for their organisations. */
export class WorkerEngine {
  readonly #options: WorkerEngineOptions;
  readonly #settings: LiveSettings;
  readonly #closers: (() => void | Promise<void>)[] = [];

  constructor(options: WorkerEngineOptions) {
    this.#options = options;
    this.#settings = options.settings ?? new LiveSettings(options.config);
    this.#settings.reportFaults((error) => logFault(componentLogger(options.logger, 'settings'), error));
  }

  /** What holds; it follows the organisations. */
  get settings(): SettingsReader {
    return this.#settings;
  }

  async start({ signal }: { signal: AbortSignal }): Promise<void> {
    try {
      await this.#open(signal);
      signal.throwIfAborted();
    } catch (error) {
      await this.stop();
      throw signal.aborted ? signal.reason : error;
    }
  }

  /** Ends every run after its step, gives it back, and closes the stores. */
  async stop(): Promise<void> {
    for (let close = this.#closers.pop(); close; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        this.#options.logger.error({ err: error }, 'closing failed');
      }
    }
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { config, origin, shard, database_url } = this.#options;
    const logger = componentLogger(this.#options.logger, 'storage');
    const clock = systemClock;
    const database = new Database({
      pool: remotePoolConfig(config, database_url),
      logger,
      statement_timeout_ms: config['database.statement_timeout_ms'],
    });
    this.#closers.push(() => database.close());
    const interrupt = () => void database.close({ grace_ms: 0 });
    signal.addEventListener('abort', interrupt);
    try {
      requireSupportedServer(await database.ping());
      const onWait = () => logger.warn('another node is migrating the database; waiting until it is done');
      await migrate(database, readMigrations(migrationsFolder), { signal, onWait });
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
    const organisations = new Organisations(database);
    const tokens = this.#openTokens();
    const everyOrganisation = () => [LOCAL_ORG_ID, ...(tokens?.organisations() ?? [])];
    const live = this.#settings;
    const settings = new WorkerSettings({ live, origin, database, organisations: everyOrganisation, logger });
    this.#closers.push(() => settings.stop());
    await settings.start();
    const sessions = this.#openSessions();
    const deadLetters = this.#deadLettersOf(database);
    const { supervision } = createWorkers({
      settings: this.#settings,
      database,
      clock,
      logger: componentLogger(this.#options.logger, 'workers'),
      kind: 'worker',
      ...(shard ? { shard } : {}),
      ...(sessions ? { sessions } : {}),
      organisations: everyOrganisation,
      ensureOrganisation: (scope) => organisations.ensure(scope),
      controls: () => controlsBase(live.device, (key) => origin?.locked.has(key) === true),
      eventsNeededFrom,
      retained: [{ prune: (scope, _now_ms, limit) => deadLetters.removeOld(scope, limit) }],
    });
    this.#closers.push(() => supervision.stop());
    supervision.start();
  }

  /** To forget old ones: nothing is delivered from here, so the queue is never opened. */
  #deadLettersOf(database: Database): DeadLetters {
    const { logger } = this.#options;
    const queue = new JobQueue({ database, logger: componentLogger(logger, 'delivery'), shared: true });
    const retention_days = (scope: Scope) => deliverySettings(this.#settings, scope).retention_days;
    return new DeadLetters({ database, clock: systemClock, queue, retention_days });
  }

  /** A folder without tokens is as good as none: then it works for the local organisation and those configured. */
  #openTokens(): ApiTokens | undefined {
    const file = join(this.#options.config.data_dir, 'history.db');
    if (!existsSync(file)) return undefined;
    const history = new HistoryStore(file, sqliteMigrationsFolder);
    this.#closers.push(() => history.close());
    return new ApiTokens(history.db, systemClock);
  }

  /** Only sessions in a Redis can be reached from here. */
  #openSessions(): RedisSessionStore | undefined {
    const { config } = this.#options;
    const redis = createRedis(config);
    if (redis === undefined) return undefined;
    const store = new RedisSessionStore(redis, config['redis.key_prefix']);
    this.#closers.push(() => store.close());
    return store;
  }
}
