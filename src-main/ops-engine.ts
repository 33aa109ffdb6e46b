/**
 * What `archon ops run` runs: the ops agent, beside the servers of one PostgreSQL server, and nothing else: nobody is
 * served, no workers run and nothing is delivered from here.
 *
 * It has a folder of its own in the data folder, so that a server may have the data folder itself.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { sqliteMigrationsFolder } from './app-files.ts';
import { type Clock, systemClock } from './clock.ts';
import { Engine } from './engine.ts';
import { createIdentity } from './identity/identity.ts';
import { componentLogger } from './observability/logs/component-logger.ts';
import type { Logs } from './observability/logs/logs.ts';
import type { OpsServices } from './ops-agent/services.ts';
import { secretBoxOf } from './secrets/secret-box.ts';
import type { Config } from './settings/config-schema.ts';
import { LiveSettings, type SettingsReader } from './settings/live-settings.ts';
import type { SettingsOrigin } from './settings/load-config.ts';
import { HistoryStore } from './storage/history-store.ts';

/** In the data folder. */
const FOLDER = 'ops-agent';

export interface OpsEngineOptions {
  /** With `database.url` of the server that all share. */
  config: Config;
  /** What holds while it runs; without them the configuration does, unchanged. */
  settings?: LiveSettings;
  logger: Logger;
  logs?: Logs;
  /** What of the configuration goes before what is set in an organisation. */
  origin?: SettingsOrigin;
  clock?: Clock;
}

export class OpsEngine {
  readonly #options: OpsEngineOptions;
  readonly #settings: LiveSettings;
  #engine: Engine | undefined;
  /** Of the data folder: its tokens say which organisations there are. */
  #folder: HistoryStore | undefined;

  constructor(options: OpsEngineOptions) {
    this.#options = options;
    this.#settings = options.settings ?? new LiveSettings(options.config);
  }

  /** What holds; it follows the organisations. */
  get settings(): SettingsReader {
    return this.#settings;
  }

  get services(): OpsServices {
    if (this.#engine === undefined) throw new Error('the ops agent is not running: start it first');
    return this.#engine.services.ops;
  }

  /**
   * @throws DataFolderInUseError where another one runs on the same data folder, and what the stores say; the reason of the
   *   signal when that ended the start
   */
  async start({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const engine = this.#make();
    try {
      await engine.start(signal ? { signal } : {});
    } catch (error) {
      this.#closeFolder();
      throw error;
    }
    this.#engine = engine;
  }

  async stop(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    await engine?.stop();
    this.#closeFolder();
  }

  #make(): Engine {
    const { config, logger, logs, origin, clock = systemClock } = this.#options;
    if (config['database.url'] === null) throw new Error('the embedded database belongs to one process');
    const data_dir = join(config.data_dir, FOLDER);
    mkdirSync(data_dir, { recursive: true, mode: 0o700 });
    this.#settings.setDevice({ ...this.#settings.device, data_dir });
    const identity = componentLogger(logger, 'identity');
    const tokens = join(config.data_dir, 'history.db');
    if (existsSync(tokens)) this.#folder = new HistoryStore(tokens, sqliteMigrationsFolder);
    const own = { ...config, data_dir };
    return new Engine({
      config: own,
      settings: this.#settings,
      logger,
      ...(logs ? { logs } : {}),
      // The file of settings lies in the data folder: here there is none, and what it says is in the configuration.
      ...(origin ? { origin: { ...origin, base: own } } : {}),
      clock,
      kind: 'ops',
      // Keys are of the data folder: what is sealed there is opened here.
      secrets: secretBoxOf(config, { logger: identity }),
      ...(this.#folder ? { identity: createIdentity(this.#folder.db, clock, identity) } : {}),
    });
  }

  #closeFolder(): void {
    this.#folder?.close();
    this.#folder = undefined;
  }
}
