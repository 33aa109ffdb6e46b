/** One socket the server listens on, with the connections that came through it, and how it ends. */
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { ListenRefusedError } from './bind-rules.ts';
import { DoorError, sendError, writeErrorTo } from './door-errors.ts';

const DRAIN_CHECK_MS = 50;

export interface TlsFiles {
  cert: Buffer;
  key: Buffer;
}

export interface ListenerOptions {
  host: string;
  port: number;
  tls: TlsFiles | undefined;
  limits: http.ServerOptions;
  logger: Logger;
  /** Whether a request to change the protocol is for `upgrade`; others are plain requests. */
  takesUpgrade(request: IncomingMessage): boolean;
  answer(request: IncomingMessage, response: ServerResponse, host: string): void;
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, listener: Listener): void;
}

export class Listener {
  readonly host: string;
  readonly #options: ListenerOptions;
  readonly #server: Server;
  /** Every connection: Node forgets those it handed over or gave up, and waits for them all the same. */
  readonly #connections = new Set<Socket>();
  /** What is being answered on a connection. */
  readonly #underWay = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>();
  #closing: Promise<void> | undefined;

  constructor(options: ListenerOptions) {
    this.host = options.host;
    this.#options = options;
    this.#server = createServer(options);
    this.#handle(this.#server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** @throws ListenRefusedError when the address is taken or not ours */
  async open(): Promise<void> {
    const { host, port, logger } = this.#options;
    const server = this.#server;
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
    server.on('error', (error) => logger.error({ err: error }, 'server error'));
  }

  /** Takes no more connections: the address is free at once. Resolves when the last connection has ended. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      // A connection becomes idle when its answer is out; nothing tells, so look.
      const idle = setInterval(() => this.#server.closeIdleConnections(), DRAIN_CHECK_MS);
      this.#server.close(() => {
        clearInterval(idle);
        resolve();
      });
      this.#server.closeIdleConnections();
    });
    return this.#closing;
  }

  /** Ends what is still connected. */
  cut(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #handle(server: Server): void {
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      this.#underWay.set(request.socket, { request, response });
      response.once('close', () => this.#underWay.delete(request.socket));
      if (this.#closing !== undefined) response.setHeader('connection', 'close');
      this.#options.answer(request, response, this.host);
    };
    server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
    server.on('request', answer);
    // The body is asked for (100 Continue) only once the request has passed the door.
    server.on('checkContinue', answer);
    server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) =>
      this.#options.upgrade(request, stream, head, this),
    );
    server.on('clientError', (error, socket) => this.#refuseBrokenRequest(error, socket));
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

function createServer({ tls, limits, takesUpgrade }: ListenerOptions): Server {
  const options = { ...limits, shouldUpgradeCallback: takesUpgrade };
  if (!tls) return http.createServer(options);
  try {
    return https.createServer({ ...options, ...tls, minVersion: 'TLSv1.2' });
  } catch (error) {
    throw new ListenRefusedError(
      `server.tls_cert_file and server.tls_key_file cannot be used together: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
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

/** The address is in use; by ourselves, perhaps. */
export function isTaken(error: unknown): boolean {
  const { cause } = error instanceof ListenRefusedError ? error : { cause: undefined };
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
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
