/** The engine of the desktop app, and the HTTP API beside it through which agents of this computer reach it. */
import { createRouterClient } from '@orpc/server';
import type { Logger } from 'pino';
import { type ApiContext, router } from '../api/router.ts';
import { loadDemoData } from '../cli/commands/demo.ts';
import { CLI_SCOPE } from '../cli/connection.ts';
import { LOCAL_ORG_ID, type Scope } from '../identity/scope.ts';
import { configuredBy } from '../installation/configured-by.ts';
import { EngineHost } from '../installation/engine-host.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import type { Logs } from '../observability/logs/logs.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { HttpServer, type ServerState } from '../server/http-server.ts';
import { ADDRESS_KEYS } from '../server/listen-plan.ts';
import type { ServerAddress } from '../server/listening.ts';
import { removeServerFile, writeServerFile } from '../server/server-file.ts';
import type { Services } from '../services.ts';
import type { Config } from '../settings/config-schema.ts';
import { LiveSettings } from '../settings/live-settings.ts';
import { type LoadedConfig, PROFILE_VARIABLE } from '../settings/load-config.ts';

/** Who acts when the person at the window changes something. */
export const DESKTOP_SCOPE: Scope = { org_id: LOCAL_ORG_ID, actor: 'desktop' };

/** Milliseconds callers have to finish when the app quits: less than the limit of GracefulQuit, as the engine needs its own. */
const DRAIN_MS = 3_000;

const NOT_STARTED: ServerState = { url: null, problem: 'Archon is still starting.' };

export interface LocalEngineDeps {
  loaded: LoadedConfig;
  logs: Logs;
  env: Readonly<Record<string, string | undefined>>;
  /** What locks the master key of secrets. */
  keyring: Keyring;
  onSwitched: () => void;
}

export class LocalEngine {
  readonly #config: Config;
  readonly #settings: LiveSettings;
  readonly #logger: Logger;
  readonly #engine: EngineHost;
  #server: HttpServer | undefined;
  /** Why there is no server. */
  #notServing: ServerState = NOT_STARTED;
  #unwatch: () => void = () => {};
  /** One attempt to serve after the other. */
  #serving: Promise<void> = Promise.resolve();

  /** @param deps.onSwitched is told when another connection profile has been opened */
  constructor(deps: LocalEngineDeps) {
    const { loaded, logs, env, keyring, onSwitched } = deps;
    const { config, origin } = loaded;
    const settings = new LiveSettings(config);
    this.#config = config;
    this.#settings = settings;
    this.#logger = componentLogger(logs.logger, 'desktop');
    this.#engine = new EngineHost({
      config,
      settings,
      origin,
      logger: logs.logger,
      logs,
      kind: 'desktop',
      env,
      keyring,
      configured_by: configuredBy(loaded),
      profile: env[PROFILE_VARIABLE] || undefined,
      fall_back: true,
    });
    this.#engine.onSwitched(() => {
      this.#server?.endStreams();
      onSwitched();
    });
  }

  /** Of the engine that is open now. */
  get services(): Services {
    return this.#engine.services;
  }

  /** The files of exports of the open profile, and of snapshots. */
  get archives(): Pick<Services['transfer'], 'exportFile'> {
    return this.#engine.archives;
  }

  /** Where agents reach the HTTP API, or why they do not. */
  get api(): ServerState {
    return this.#server?.state ?? this.#notServing;
  }

  /** What the calls of the window run on. */
  get context(): ApiContext {
    return {
      services: this.#engine.services,
      scope: DESKTOP_SCOPE,
      logger: this.#logger,
      host: { kind: 'desktop', api: () => this.api, ...this.#around },
      local: true,
      interactive: true,
    };
  }

  /** @throws what the engine says of itself; the HTTP API never fails a start */
  async start(): Promise<void> {
    await this.#engine.start();
    this.#unwatch = this.#settings.onChange(({ keys }) => {
      // One that serves moves by itself.
      if (ADDRESS_KEYS.some((key) => keys.has(key))) void this.#serve();
    });
    await this.#serve();
  }

  /** Loads the demo data; what is there already is not loaded twice. */
  async loadDemo(): Promise<void> {
    const { context } = this;
    if (context !== undefined) await loadDemoData(createRouterClient(router, { context }));
  }

  async stop(): Promise<void> {
    this.#unwatch();
    await this.#serving;
    if (this.#server !== undefined) removeServerFile(this.#config.data_dir);
    await this.#server?.stop();
    await this.#engine.stop();
  }

  get #around() {
    const { installation, calls } = this.#engine;
    return { installation, calls };
  }

  async #serve(): Promise<void> {
    this.#serving = this.#serving.then(() => (this.#server === undefined ? this.#startServer() : undefined));
    await this.#serving;
  }

  /** The window works without it, so a port that is taken is told and no more. */
  async #startServer(): Promise<void> {
    const server = new HttpServer({
      engine: this.#engine,
      config: this.#config,
      settings: this.#settings,
      logger: this.#logger,
      around: this.#around,
      drain_ms: DRAIN_MS,
    });
    try {
      const { url, local_url, port } = await server.start();
      const { token } = this.#engine.tokens.createForThisRun(CLI_SCOPE);
      const tell = (at: Pick<ServerAddress, 'local_url' | 'port'>) =>
        writeServerFile(this.#config.data_dir, { url: at.local_url, port: at.port, pid: process.pid, token });
      tell({ local_url, port });
      server.onMoved(tell);
      this.#server = server;
      this.#logger.info({ url }, 'the HTTP API listens');
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#notServing = { url: null, problem };
      this.#logger.warn({ err: error }, 'agents cannot reach Archon: the HTTP API does not listen');
      await server.stop();
    }
  }
}
