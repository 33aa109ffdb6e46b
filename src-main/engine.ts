import type { Logger } from 'pino';
import { migrationsFolder } from './app-files.ts';
import { type Clock, systemClock } from './clock.ts';
import type { EngineOptions, RunningEngine } from './engine-options.ts';
import { type Opening, openParts } from './engine-parts.ts';
import { type Closers, EngineStores } from './engine-stores.ts';
import type { ApiTokens } from './identity/api-tokens.ts';
import type { BrowserSessions } from './identity/browser-sessions.ts';
import type { LoginCodes } from './identity/login-codes.ts';
import type { Organisations } from './identity/organisations.ts';
import { componentLogger } from './observability/logs/component-logger.ts';
import { Logs } from './observability/logs/logs.ts';
import type { SealedStore } from './secrets/sealed-store.ts';
import { type SecretBox, secretBoxOf } from './secrets/secret-box.ts';
import type { Services } from './services.ts';
import { LiveSettings, logFault, type SettingsReader } from './settings/live-settings.ts';
import type { OrganisationSettings } from './settings/organisation-settings.ts';
import type { Database } from './storage/database.ts';
import { allPending, type MigrationReport, migrate, readMigrations } from './storage/migrator.ts';

export class Engine {
  readonly #settings: LiveSettings;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #moment: Clock;
  readonly #logs: Logs;
  readonly #options: Opening['options'];
  /** What seals and opens the secrets of its database. */
  readonly secrets: SecretBox;
  readonly #closers: Closers = [];
  readonly #stores: EngineStores;
  #running: RunningEngine | undefined;

  constructor(options: EngineOptions) {
    this.#settings = options.settings ?? new LiveSettings(options.config);
    this.#logger = options.logger;
    this.#settings.reportFaults((error) => logFault(componentLogger(this.#logger, 'settings'), error));
    this.#clock = options.clock ?? systemClock;
    this.#moment = options.moment ?? this.#clock;
    this.#logs = options.logs ?? new Logs({ level: 'silent', clock: this.#clock });
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
      this.#running = await this.#interruptible(signal, () => openParts(this.#opening(), signal));
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

  #opening(): Opening {
    return {
      options: this.#options,
      live: this.#settings,
      logger: this.#logger,
      logs: this.#logs,
      clock: this.#clock,
      moment: this.#moment,
      secrets: this.secrets,
      stores: this.#stores,
      closers: this.#closers,
    };
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

  get #parts(): RunningEngine {
    if (this.#running === undefined) throw new Error('the engine is not running: start it first');
    return this.#running;
  }
}
