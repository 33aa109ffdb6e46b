/** The HTTP server: where it listens, with what limits, and how it stops. */
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { appVersion } from '../app-files.ts';
import { systemClock } from '../clock.ts';
import type { Engine } from '../engine.ts';
import type { Config } from '../settings/config-schema.ts';
import { checkBind, ListenRefusedError, localUrl } from './bind-rules.ts';
import { DoorError, errorBody, sendError } from './door-errors.ts';
import { RequestHandler } from './request-handler.ts';

/** What a client has of time, in milliseconds. Uploads come in pieces of at most 4 MiB. */
const LIMITS = {
  headersTimeout: 15_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 5000,
};
/** Milliseconds requests under way have to finish when the server stops. */
const DRAIN_MS = 7_000;
const DRAIN_CHECK_MS = 50;

export interface HttpServerOptions {
  engine: Pick<Engine, 'services' | 'tokens' | 'organisations'>;
  config: Config;
  logger: Logger;
  /** Times that tests make small. */
  limits?: Partial<typeof LIMITS>;
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
  /** What is being answered on a connection. */
  readonly #underWay = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>();
  #stopping = false;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#handler = new RequestHandler({
      config: options.config,
      logger: options.logger,
      clock: systemClock,
      tokens: options.engine.tokens,
      organisations: options.engine.organisations,
      services: options.engine.services,
      version: appVersion,
    });
  }

  /** @throws ListenRefusedError when the address is unsafe, taken or not ours, or a TLS file cannot be used */
  async start(): Promise<ServerAddress> {
    const { config } = this.#options;
    checkBind(config);
    const host = config['server.host'];
    const tls = readTlsFiles(config);
    const limits = { ...LIMITS, ...this.#options.limits };
    const port = await this.#listen(createServer(tls, limits), host, config['server.port']);
    const url = localUrl(tls ? 'https' : 'http', host, port);
    if (!tls) return { url, local_url: url, port };
    const localPort = await this.#listen(http.createServer(limits), '127.0.0.1', 0);
    return { url, local_url: localUrl('http', '127.0.0.1', localPort), port };
  }

  /** Takes no more connections, lets what runs finish (at most 7 s), then closes what is left. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#servers.splice(0).map(drain));
  }

  async #listen(server: Server, host: string, port: number): Promise<number> {
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      this.#underWay.set(request.socket, { request, response });
      response.once('close', () => this.#underWay.delete(request.socket));
      if (this.#stopping) response.setHeader('connection', 'close');
      void this.#handler.handle(request, response, host);
    };
    server.on('request', answer);
    // The body is asked for (100 Continue) only once the request has passed the door.
    server.on('checkContinue', answer);
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
    // There is no request object yet, so the answer is written by hand.
    const body = errorBody(refusal);
    socket.end(
      `HTTP/1.1 ${refusal.status} ${http.STATUS_CODES[refusal.status]}\r\n` +
        `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
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
    const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    // A connection becomes idle when its answer is out; nothing tells, so look.
    const idle = setInterval(() => server.closeIdleConnections(), DRAIN_CHECK_MS);
    server.close(() => {
      clearTimeout(deadline);
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
