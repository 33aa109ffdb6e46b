/** The HTTP server: where it listens, with what limits, and how it stops. */
import type { Logger } from 'pino';
import type { ApiHost } from '../api/base.ts';
import { appVersion } from '../app-files.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Engine } from '../engine.ts';
import type { Installation } from '../installation/installation.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import type { Config } from '../settings/config-schema.ts';
import { LiveSettings, type SettingsChange, type SettingsReader } from '../settings/live-settings.ts';
import { ClientAddresses } from './client-address.ts';
import { ADDRESS_KEYS, listenPlan } from './listen-plan.ts';
import type { Listener } from './listener.ts';
import { Listening, type ServerAddress } from './listening.ts';
import { LoginRoutes } from './login-routes.ts';
import { LongResponses } from './long-responses.ts';
import { RateLimiter } from './rate-limiter.ts';
import { RequestHandler } from './request-handler.ts';
import { RpcSockets, type SOCKET_LIMITS } from './rpc-sockets.ts';
import { rendererFolder, StaticUi } from './static-ui.ts';
import type { STREAM_LIMITS } from './stream-limit.ts';

/** What a client has of time, in milliseconds. Uploads come in pieces of at most 4 MiB. */
const LIMITS = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5000,
};
/** Milliseconds requests under way have to finish when the server stops. */
const DRAIN_MS = 5_000;
/** Milliseconds of these that a WebSocket needs for its close, once its calls are answered. */
const SOCKET_CLOSE_MS = 1_500;
/** Milliseconds between looks at what stays open: WebSockets, event streams, downloads. */
const CHECK_MS = 1000;
/** Milliseconds a reader may take nothing of an answer. */
const STALL_MS = 60_000;
const REMOVE_SESSIONS_EVERY_MS = 3_600_000;

export interface HttpServerOptions {
  engine: Pick<Engine, 'services' | 'tokens' | 'organisations' | 'browserSessions' | 'loginCodes'>;
  config: Config;
  /** What holds while it runs; without them the configuration does, unchanged. */
  settings?: SettingsReader;
  logger: Logger;
  /** Times that tests make small. */
  limits?: Partial<typeof LIMITS>;
  sockets?: Partial<typeof SOCKET_LIMITS>;
  streams?: Partial<typeof STREAM_LIMITS>;
  check_ms?: number;
  stall_ms?: number;
  /** Milliseconds `stop` waits for what runs; the stores behind this server need some of their caller's time too. */
  drain_ms?: number;
  clock?: Clock;
  /** What there is around the engine. */
  installation?: Installation;
  /** Folder of the built user interface. */
  ui_dir?: string;
}

/** Where agents reach the server, and what is wrong when it is not where the settings say. */
export interface ServerState {
  url: string | null;
  problem: string | null;
}

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #settings: SettingsReader;
  readonly #handler: RequestHandler;
  readonly #listening: Listening;
  readonly #longResponses: LongResponses;
  readonly #ui: StaticUi;
  readonly #sockets: RpcSockets;
  readonly #movedListeners = new Set<(address: ServerAddress) => void>();
  #unwatch: () => void = () => {};
  /** One move after the other. */
  #moving: Promise<void> = Promise.resolve();
  #problem: string | null = null;
  #checks: NodeJS.Timeout | undefined;
  #sessions_removed_at_ms = performance.now();

  constructor(options: HttpServerOptions) {
    const logger = componentLogger(options.logger, 'http');
    this.#options = { ...options, logger };
    const settings = options.settings ?? new LiveSettings(options.config);
    this.#settings = settings;
    const { clock = systemClock, drain_ms = DRAIN_MS } = options;
    const { tokens, organisations, services, browserSessions: sessions, loginCodes: codes } = options.engine;
    const limiter = new RateLimiter(() => settings.device['server.rate_limit_per_minute'], clock);
    const { installation } = options;
    const host: ApiHost = {
      kind: 'server',
      api: () => this.state,
      ...(installation === undefined ? {} : { installation }),
    };
    this.#longResponses = new LongResponses(options.stall_ms ?? STALL_MS, logger);
    this.#ui = new StaticUi(options.ui_dir ?? rendererFolder);
    this.#sockets = new RpcSockets({
      body_limit_bytes: () => settings.device['server.body_limit_bytes'],
      logger,
      sessions,
      organisations,
      services,
      limiter,
      host,
      limits: options.sockets ?? {},
    });
    const addresses = new ClientAddresses(() => settings.device['server.trusted_proxies']);
    const onSessionEnded = () => this.#sockets.check(performance.now());
    const browser = {
      ui: this.#ui,
      login: new LoginRoutes({ tokens, sessions, codes, clock, addresses, onSessionEnded }),
      sessions,
    };
    this.#handler = new RequestHandler({
      settings,
      logger,
      clock,
      tokens,
      organisations,
      services,
      limiter,
      longResponses: this.#longResponses,
      streams: options.streams ?? {},
      host,
      browser: () => (settings.device['server.ui'] ? browser : undefined),
      version: appVersion,
    });
    this.#listening = new Listening({
      logger,
      drain_ms,
      listener: {
        limits: { ...LIMITS, ...options.limits },
        takesUpgrade: (request) => settings.device['server.ui'] && RpcSockets.takes(request),
        answer: (request, response, host_) => void this.#handler.handle(request, response, host_),
        upgrade: (request, stream, head, listener) => this.#sockets.upgrade(request, stream, head, listener),
      },
      onLeaving: (listeners) => this.#endSockets((via) => listeners.includes(via)),
    });
  }

  get state(): ServerState {
    return { url: this.#listening.address?.url ?? null, problem: this.#problem };
  }

  /** @throws ListenRefusedError when the address is unsafe, taken or not ours, or a TLS file cannot be used */
  async start(): Promise<ServerAddress> {
    const address = await this.#listening.moveTo(listenPlan(this.#settings.device));
    this.#checks = setInterval(() => this.#check(), this.#options.check_ms ?? CHECK_MS).unref();
    this.#unwatch = this.#settings.onChange((change) => this.#settingsChanged(change));
    return address;
  }

  /** Calls the listener when the settings have led the server to another address. */
  onMoved(listener: (address: ServerAddress) => void): void {
    this.#movedListeners.add(listener);
  }

  /** Takes no more connections, lets what runs finish (at most `drain_ms`), then closes what is left. */
  async stop(): Promise<void> {
    this.#unwatch();
    await this.#moving;
    this.#longResponses.stop();
    this.#sockets.stop();
    await this.#listening.stop();
    clearInterval(this.#checks);
  }

  /** True when a browser finds the user interface here. */
  async hasUi(): Promise<boolean> {
    return this.#settings.device['server.ui'] && (await this.#ui.isBuilt());
  }

  #settingsChanged({ org_id, keys }: SettingsChange): void {
    if (org_id !== null) return;
    if (ADDRESS_KEYS.some((key) => keys.has(key))) this.#moving = this.#moving.then(() => this.#move());
    // Pages come back by themselves; those of an interface that was switched off are told.
    if (keys.has('server.ui') || keys.has('server.body_limit_bytes')) void this.#endSockets(() => true);
  }

  async #move(): Promise<void> {
    const { logger } = this.#options;
    const before = this.#listening.address;
    try {
      await this.#listening.moveTo(listenPlan(this.#settings.device));
      this.#problem = null;
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      logger.error({ err: error, url: this.state.url }, 'the HTTP API cannot be where it is set to be');
    }
    const { address } = this.#listening;
    if (address !== undefined && address !== before) this.#tellMoved(address);
  }

  #tellMoved(address: ServerAddress): void {
    const { logger } = this.#options;
    logger.info({ url: address.url }, 'the HTTP API moved');
    for (const listener of this.#movedListeners) {
      try {
        listener(address);
      } catch (error) {
        logger.error({ err: error }, 'the new address of the HTTP API could not be told');
      }
    }
  }

  async #endSockets(isMeant: (via: Listener) => boolean): Promise<void> {
    const { drain_ms = DRAIN_MS } = this.#options;
    await this.#sockets.end(isMeant, Math.max(0, drain_ms - SOCKET_CLOSE_MS));
  }

  #check(): void {
    const now_ms = performance.now();
    this.#sockets.check(now_ms);
    this.#longResponses.check(now_ms);
    if (now_ms - this.#sessions_removed_at_ms < REMOVE_SESSIONS_EVERY_MS) return;
    this.#sessions_removed_at_ms = now_ms;
    try {
      this.#options.engine.browserSessions.removeEnded();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'removing ended sessions failed; it is tried again within the hour');
    }
  }
}
