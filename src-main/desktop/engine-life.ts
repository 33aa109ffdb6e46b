/** The engine through the life of the app: configured, started, tried again elsewhere, stopped. */
import type { Logger } from 'pino';
import { componentLogger } from '../observability/logs/component-logger.ts';
import { createLogs, logsFolder } from '../observability/logs/create-logs.ts';
import type { Logs } from '../observability/logs/logs.ts';
import { type Config, defaultConfig } from '../settings/config-schema.ts';
import type { LoadedConfig } from '../settings/load-config.ts';
import { loadDesktopConfig } from './desktop-config.ts';
import type { DesktopSettings } from './desktop-settings.ts';
import { LocalEngine } from './local-engine.ts';
import type { TrayStatus } from './tray-icon.ts';

export interface EngineLifeOptions {
  env: Readonly<Record<string, string | undefined>>;
  working_dir: string;
  /** Electron's own folder for this app. */
  user_data_dir: string;
  settings: DesktopSettings;
  /** It runs: calls can be made from now on. */
  onRunning: () => void;
  /** Another connection profile is open: what was handed to the page belongs to the one before. */
  onSwitched: () => void;
  onFailed: (error: unknown) => void;
}

type State =
  | { name: 'stopped' }
  /** `done` never rejects. */
  | { name: 'starting'; done: Promise<void> }
  | { name: 'running'; engine: LocalEngine };

export class EngineLife {
  readonly #options: EngineLifeOptions;
  #state: State = { name: 'stopped' };
  #logs: Logs;
  #logger: Logger;
  #loaded: LoadedConfig | undefined;
  /** Data folder chosen in this run. */
  #chosen_data_dir: string | undefined;

  constructor(options: EngineLifeOptions) {
    this.#options = options;
    // Until the configuration says where the data folder is.
    this.#logs = createLogs(defaultConfig(options.user_data_dir), { owner: 'archon' });
    this.#logger = componentLogger(this.#logs.logger, 'desktop');
  }

  get logger(): Logger {
    return this.#logger;
  }

  get running(): LocalEngine | undefined {
    return this.#state.name === 'running' ? this.#state.engine : undefined;
  }

  get data_dir(): string {
    return this.#loaded?.config.data_dir ?? this.#options.user_data_dir;
  }

  get logs_dir(): string {
    return logsFolder(this.data_dir);
  }

  /** The engine, for what a person asks of it. */
  require(): LocalEngine {
    if (this.running === undefined) throw new Error('Archon is still starting; try again in a moment.');
    return this.running;
  }

  /** The configuration in force, or the one a start would use. @throws what is wrong with it, in words */
  config(): Config {
    return (this.#loaded ?? this.#load()).config;
  }

  async status(): Promise<TrayStatus> {
    if (this.#state.name === 'starting') return 'starting';
    return this.running === undefined ? 'unhealthy' : (await this.running.services.health.deep()).status;
  }

  /** Starts it, unless it starts already; whether it came up is told to `onRunning` and `onFailed`. */
  async start(): Promise<void> {
    if (this.#state.name !== 'stopped') return;
    const ended = Promise.withResolvers<void>();
    this.#state = { name: 'starting', done: ended.promise };
    try {
      const engine = await this.#startEngine();
      this.#state = { name: 'running', engine };
    } catch (error) {
      this.#state = { name: 'stopped' };
      this.#logger.error({ err: error }, 'the engine did not start');
      this.#options.onFailed(error);
      return;
    } finally {
      ended.resolve();
    }
    this.#options.onRunning();
  }

  /** The next start, and those after it, use this data folder. */
  chooseDataDir(folder: string): void {
    this.#chosen_data_dir = folder;
    this.#options.settings.set('data_dir', folder);
  }

  /** Ends it; one that is still starting is waited for. Nobody reaches it any more at once. */
  async stop(): Promise<void> {
    if (this.#state.name === 'starting') await this.#state.done;
    const engine = this.running;
    this.#state = { name: 'stopped' };
    await engine?.stop();
  }

  async #startEngine(): Promise<LocalEngine> {
    this.#loaded = undefined;
    const loaded = this.#load();
    this.#loaded = loaded;
    this.#logs = createLogs(loaded.config, { owner: 'archon' });
    this.#logger = componentLogger(this.#logs.logger, 'desktop');
    const engine = new LocalEngine({
      loaded,
      logs: this.#logs,
      env: this.#options.env,
      onSwitched: this.#options.onSwitched,
    });
    await engine.start();
    return engine;
  }

  #load(): LoadedConfig {
    const { env, working_dir, user_data_dir, settings } = this.#options;
    const loaded = loadDesktopConfig({
      env,
      working_dir,
      user_data_dir,
      remembered_data_dir: settings.get('data_dir'),
      chosen_data_dir: this.#chosen_data_dir,
    });
    for (const warning of loaded.warnings) this.#logger.warn(warning);
    return loaded;
  }
}
