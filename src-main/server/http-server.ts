/** The HTTP server: where it listens, with what limits, and how it stops. */
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { ApiHost } from '../api/base.ts';
import { appVersion } from '../app-files.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Engine } from '../engine.ts';
import type { Scope } from '../identity/scope.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import type { Config } from '../settings/config-schema.ts';
import { checkBind, ListenRefusedError, localUrl } from './bind-rules.ts';
import { ClientAddresses } from './client-address.ts';
import { DoorError, sendError, writeErrorTo } from './door-errors.ts';
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
const DRAIN_CHECK_MS = 50;
/** Milliseconds of these that a WebSocket needs for its close, once its calls are answered. */
const SOCKET_CLOSE_MS = 1_500;
/** Milliseconds between looks at what stays open: WebSockets, event streams, downloads. */
const CHECK_MS = 1000;
/** Milliseconds a reader may take nothing of an answer. */
const STALL_MS = 60_000;
const REMOVE_SESSIONS_EVERY_MS = 3_600_000;

export interface HttpServerOptions {
  /** Asked at each call: another engine may have taken over since. */
  engine: Pick<Engine, 'services' | 'tokens' | 'organisations' | 'browserSessions' | 'loginCodes'>;
  /** What there is around the engine. */
  around?: Pick<ApiHost, 'installation' | 'calls'>;
  config: Config;
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
  /** Folder of the built user interface. */
  ui_dir?: string;
}

export interface ServerAddress {
  /** Where agents reach the server. */
  url: string;
  /** Where this computer reaches it without TLS: for the command line, which need not know the certificate. */
  local_url: string;
  port: number;
}

export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #handler: RequestHandler;
  readonly #servers: Server[] = [];
  /** Every connection: Node forgets those it handed over or gave up, and waits for them all the same. */
  readonly #connections = new Set<Socket>();
  /** What is being answered on a connection. */
  readonly #underWay = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>();
  readonly #longResponses: LongResponses;
  readonly #ui: StaticUi;
  readonly #sockets: RpcSockets | undefined;
  #checks: NodeJS.Timeout | undefined;
  #sessions_removed_at_ms = performance.now();
  #url: string | null = null;
  #stopping = false;

  constructor(options: HttpServerOptions) {
    const logger = componentLogger(options.logger, 'http');
    this.#options = { ...options, logger };
    const { config, clock = systemClock } = options;
    const { engine } = options;
    const { tokens, browserSessions: sessions, loginCodes: codes } = engine;
    const organisations = { ensure: (scope: Scope) => engine.organisations.ensure(scope) };
    const services = () => engine.services;
    const limiter = new RateLimiter(config['server.rate_limit_per_minute'], clock);
    const host: ApiHost = { kind: 'server', api: () => ({ url: this.#url, problem: null }), ...options.around };
    this.#longResponses = new LongResponses(options.stall_ms ?? STALL_MS, logger);
    this.#ui = new StaticUi(options.ui_dir ?? rendererFolder);
    const hasUi = config['server.ui'];
    this.#sockets = hasUi
      ? new RpcSockets({
          body_limit_bytes: config['server.body_limit_bytes'],
          logger,
          sessions,
          organisations,
          services,
          limiter,
          host,
          limits: options.sockets ?? {},
        })
      : undefined;
    const addresses = new ClientAddresses(config['server.trusted_proxies']);
    const onSessionEnded = () => this.#sockets?.check(performance.now());
    this.#handler = new RequestHandler({
      config,
      logger,
      clock,
      tokens,
      organisations,
      services,
      limiter,
      longResponses: this.#longResponses,
      streams: options.streams ?? {},
      host,
      browser: hasUi
        ? {
            ui: this.#ui,
            login: new LoginRoutes({ tokens, sessions, codes, clock, addresses, onSessionEnded }),
            sessions,
          }
        : undefined,
      version: appVersion,
    });
  }

  /** @throws ListenRefusedError when the address is unsafe, taken or not ours, or a TLS file cannot be used */
  async start(): Promise<ServerAddress> {
    const { config } = this.#options;
    checkBind(config);
    const host = config['server.host'];
    const tls = readTlsFiles(config);
    const shouldUpgradeCallback = (request: IncomingMessage) =>
      this.#sockets !== undefined && RpcSockets.takes(request);
    const limits = { ...LIMITS, ...this.#options.limits, shouldUpgradeCallback };
    const port = await this.#listen(createServer(tls, limits), host, config['server.port']);
    const url = localUrl(tls ? 'https' : 'http', host, port);
    this.#url = url;
    this.#checks = setInterval(() => this.#check(), this.#options.check_ms ?? CHECK_MS).unref();
    if (!tls) return { url, local_url: url, port };
    const localPort = await this.#listen(http.createServer(limits), '127.0.0.1', 0);
    return { url, local_url: localUrl('http', '127.0.0.1', localPort), port };
  }

  /** Another engine has taken over: what streams from the one before ends, and readers come back by themselves. */
  endStreams(): void {
    this.#longResponses.endStreams();
    this.#sockets?.endAll();
  }

  /** Takes no more connections, lets what runs finish (at most `drain_ms`), then closes what is left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#longResponses.stop();
    const { drain_ms = DRAIN_MS } = this.#options;
    const cut = setTimeout(() => {
      for (const connection of this.#connections) connection.destroy();
    }, drain_ms);
    await Promise.all([
      this.#sockets?.stop(Math.max(0, drain_ms - SOCKET_CLOSE_MS)),
      ...this.#servers.splice(0).map(drain),
    ]);
    clearTimeout(cut);
    clearInterval(this.#checks);
  }

  /** True when a browser finds the user interface here. */
  async hasUi(): Promise<boolean> {
    return this.#sockets !== undefined && (await this.#ui.isBuilt());
  }

  #check(): void {
    const now_ms = performance.now();
    this.#sockets?.check(now_ms);
    this.#longResponses.check(now_ms);
    if (now_ms - this.#sessions_removed_at_ms < REMOVE_SESSIONS_EVERY_MS) return;
    this.#sessions_removed_at_ms = now_ms;
    try {
      this.#options.engine.browserSessions.removeEnded();
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'removing ended sessions failed; it is tried again within the hour');
    }
  }

  async #listen(server: Server, host: string, port: number): Promise<number> {
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      this.#underWay.set(request.socket, { request, response });
      response.once('close', () => this.#underWay.delete(request.socket));
      if (this.#stopping) response.setHeader('connection', 'close');
      void this.#handler.handle(request, response, host);
    };
    server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
    server.on('request', answer);
    // The body is asked for (100 Continue) only once the request has passed the door.
    server.on('checkContinue', answer);
    server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      if (this.#sockets) this.#sockets.upgrade(request, stream, head, host);
      else stream.destroy();
    });
    server.on('clientError', (error, socket) => this.#refuseBrokenRequest(error, socket));
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host: host.replace(/^\[|\]$/g, ''), port }, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      throw listenRefused(error, host, port);
    }
    server.on('error', (error) => this.#options.logger.error({ err: error }, 'server error'));
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  /** Node's parser gave up, or time ran out, in the middle of a request. */
  #refuseBrokenRequest(error: Error & { code?: string }, socket: Duplex): void {
    const refusal = brokenRequest(error.code);
    const underWay = this.#underWay.get(socket);
    if (underWay) {
      void sendError(underWay.request, underWay.response, refusal);
      return;
    }
    if (!socket.writable) {
      socket.destroy();
      return;
    }
    writeErrorTo(socket, refusal);
  }
}

function createServer(tls: { cert: Buffer; key: Buffer } | undefined, limits: http.ServerOptions): Server {
  if (!tls) return http.createServer(limits);
  try {
    return https.createServer({ ...limits, ...tls, minVersion: 'TLSv1.2' });
  } catch (error) {
    throw new ListenRefusedError(
      `server.tls_cert_file and server.tls_key_file cannot be used together: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
}

function readTlsFiles(config: Config): { cert: Buffer; key: Buffer } | undefined {
  const cert = config['server.tls_cert_file'];
  const key = config['server.tls_key_file'];
  if (cert === null || key === null) return undefined;
  const read = (name: string, path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new ListenRefusedError(`${name}: ${path} cannot be read.`, { cause: error });
    }
  };
  return { cert: read('server.tls_cert_file', cert), key: read('server.tls_key_file', key) };
}

function listenRefused(error: unknown, host: string, port: number): ListenRefusedError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is taken by another program. Choose another with --server-port or ARCHON_PORT.`,
    EACCES: `Port ${port} needs rights this user does not have. Choose one above 1023 with --server-port or ARCHON_PORT.`,
    EADDRNOTAVAIL: `${host} is not an address of this computer (server.host).`,
    ENOTFOUND: `${host} is not a name or address of this computer (server.host).`,
  };
  const reason = typeof code === 'string' ? reasons[code] : undefined;
  return new ListenRefusedError(
    reason ?? `The server cannot listen on ${host} port ${port}: ${error instanceof Error ? error.message : error}`,
    { cause: error },
  );
}

async function drain(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    // A connection becomes idle when its answer is out; nothing tells, so look.
    const idle = setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_MS);
    server.close(() => {
      clearInterval(idle);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function brokenRequest(code: string | undefined): DoorError {
  if (code === 'HPE_HEADER_OVERFLOW') return new DoorError('HEADERS_TOO_LARGE');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new DoorError('REQUEST_TIMEOUT');
  const message = 'is not HTTP as this server understands it';
  return new DoorError('VALIDATION_FAILED', {
    message: `The request ${message}.`,
    issues: [{ field: 'request', message }],
  });
}
