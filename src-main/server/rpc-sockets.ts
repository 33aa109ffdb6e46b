/** `/rpc`: the routes over a WebSocket, for the user interface in a browser. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/websocket';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import { RPC_PATH } from '../../src-contract/index.ts';
import { type ApiContext, router } from '../api/router.ts';
import { ArchonError } from '../errors.ts';
import type { BrowserSession, BrowserSessions } from '../identity/browser-sessions.ts';
import type { Organisations } from '../identity/organisations.ts';
import type { Services } from '../services.ts';
import { isAllowedHost } from './bind-rules.ts';
import { DoorError, writeErrorTo } from './door-errors.ts';
import type { Listener } from './listener.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { RpcConnection, type RpcContext } from './rpc-connection.ts';
import { isOwnOrigin } from './same-origin.ts';
import { readSessionCookie } from './session-cookie.ts';

/** What a message may have beyond the largest body: the names of the call around it. */
const SLACK_BYTES = 64 * 1024;

/** Milliseconds that calls under way have when another engine takes over. */
const HAND_OVER_MS = 1_000;

/** Times in milliseconds and counts that tests make small. */
export const SOCKET_LIMITS = {
  heartbeat_ms: 30_000,
  /** How long a reader may take nothing of what waits for it. */
  stall_ms: 30_000,
  per_session: 16,
  in_all: 256,
};

export interface RpcSocketsOptions {
  body_limit_bytes(): number;
  logger: Logger;
  sessions: BrowserSessions;
  organisations: Pick<Organisations, 'ensure'>;
  /** Of the engine that is open now. */
  services: () => Services;
  limiter: RateLimiter;
  host: ApiContext['host'];
  limits?: Partial<typeof SOCKET_LIMITS>;
}

const FILE_ROUTES: ReadonlySet<string> = new Set(['offline.download', 'transfer.download']);

export class RpcSockets {
  readonly #options: RpcSocketsOptions;
  readonly #limits: typeof SOCKET_LIMITS;
  readonly #server: WebSocketServer;
  readonly #handler: RPCHandler<RpcContext>;
  /** With the listener each came through. */
  readonly #connections = new Map<RpcConnection, Listener>();
  #beat_at_ms = performance.now();
  #stopping = false;

  constructor(options: RpcSocketsOptions) {
    this.#options = options;
    this.#limits = { ...SOCKET_LIMITS, ...options.limits };
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Memory and time of ours for bytes of the loopback: not worth it.
      perMessageDeflate: false,
    });
    this.#handler = new RPCHandler<RpcContext>(router, {
      // An archive would have to be in memory as a whole; the routes over HTTP send it in pieces.
      filter: ({ path }) => !FILE_ROUTES.has(path.join('.')),
      clientInterceptors: [
        (call) => call.context.connection.admit(call.context, call.input, () => Promise.resolve(call.next())),
      ],
    });
  }

  /** True for requests `upgrade` is for; the others, HTTP/2 offers of clients included, are plain requests. */
  static takes(request: IncomingMessage): boolean {
    return request.headers.upgrade?.toLowerCase() === 'websocket' && pathOf(request) === RPC_PATH;
  }

  /** Takes a connection over, or answers why not; never throws. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer, via: Listener): void {
    stream.on('error', () => stream.destroy());
    try {
      const session = this.#admit(request, via.host);
      this.#server.options.maxPayload = this.#options.body_limit_bytes() + SLACK_BYTES;
      this.#server.handleUpgrade(request, stream, head, (socket) => {
        this.#connect(
          new RpcConnection({ ...this.#connectionOptions(session), socket, stream: stream as Socket }),
          socket,
          via,
        );
      });
    } catch (error) {
      if (!(error instanceof DoorError)) this.#options.logger.error({ err: error }, 'upgrade failed');
      refuse(stream, toDoorError(error));
    }
  }

  /** Looks at every connection: session, reader, heartbeat. Called often; `now_ms` is of a steady clock. */
  check(now_ms: number): void {
    const isBeat = now_ms - this.#beat_at_ms >= this.#limits.heartbeat_ms;
    if (isBeat) this.#beat_at_ms = now_ms;
    for (const connection of this.#connections.keys()) {
      try {
        connection.check(now_ms, this.#limits.stall_ms);
        if (isBeat) connection.beat();
      } catch (error) {
        // history.db cannot be read: the next call will say so, and the next look may find it again.
        this.#options.logger.error({ err: error }, 'looking at a socket failed');
      }
    }
  }

  /** Ends the connections that are open, as soon as their calls are answered; pages open others at once. */
  endAll(): void {
    const deadline_ms = performance.now() + HAND_OVER_MS;
    for (const [connection] of this.#connections) void connection.finish(deadline_ms);
  }

  /** Takes no more of them. */
  stop(): void {
    this.#stopping = true;
  }

  /** Ends the connections that came through such a listener, at the latest `drain_ms` and a moment from now. */
  async end(isMeant: (via: Listener) => boolean, drain_ms: number): Promise<void> {
    const deadline_ms = performance.now() + drain_ms;
    const meant = [...this.#connections].filter(([, via]) => isMeant(via));
    await Promise.all(meant.map(([connection]) => connection.finish(deadline_ms)));
  }

  /** Whose session this is, when the request is one of our page's. */
  #admit(request: IncomingMessage, boundHost: string): BrowserSession {
    if (!isAllowedHost(request.headers.host, boundHost)) throw new DoorError('HOST_NOT_ALLOWED');
    if (pathOf(request) !== RPC_PATH) {
      throw new DoorError('NOT_FOUND', { message: `WebSockets are taken at ${RPC_PATH}.` });
    }
    if (this.#stopping) throw new DoorError('STORAGE_UNAVAILABLE', { message: 'The server is stopping.' });
    // Browsers let any page open a WebSocket to anywhere, and send the cookie along.
    if (!isOwnOrigin(request)) {
      throw new DoorError('FORBIDDEN', { message: 'Only pages of this server may open a WebSocket.' });
    }
    const cookie = readSessionCookie(request);
    const session = cookie === undefined ? undefined : this.#options.sessions.find(cookie);
    if (session === undefined) throw new DoorError('UNAUTHORIZED', { message: 'Nobody is logged in; log in first.' });
    const wait_seconds = this.#takeCall(session);
    if (wait_seconds > 0) throw new DoorError('RATE_LIMITED', { headers: { 'retry-after': String(wait_seconds) } });
    const own = [...this.#connections.keys()].filter(
      (connection) => connection.session.session_id === session.session_id,
    );
    if (own.length >= this.#limits.per_session || this.#connections.size >= this.#limits.in_all) {
      throw new DoorError('RATE_LIMITED', { message: 'Too many windows are open; close some.' });
    }
    this.#options.sessions.touch(session);
    return session;
  }

  #connect(
    connection: RpcConnection,
    socket: { once(event: 'close', listener: () => void): unknown },
    via: Listener,
  ): void {
    this.#connections.set(connection, via);
    socket.once('close', () => this.#connections.delete(connection));
  }

  #connectionOptions(session: BrowserSession) {
    const { services, logger, host, sessions, organisations } = this.#options;
    const context = (): ApiContext => ({
      services: services(),
      scope: session.scope,
      logger,
      host,
      local: false,
      interactive: true,
    });
    return {
      session,
      context,
      logger,
      handler: this.#handler,
      current: ({ session_id }: BrowserSession) => sessions.get(session_id),
      touch: (used: BrowserSession) => sessions.touch(used),
      prepare: ({ scope }: BrowserSession) => organisations.ensure(scope),
      takeCall: (caller: BrowserSession) => this.#takeCall(caller),
    };
  }

  #takeCall({ session_id }: BrowserSession): number {
    return this.#options.limiter.take(session_id);
  }
}

const pathOf = (request: IncomingMessage): string | undefined => request.url?.split('?', 1)[0];

function toDoorError(error: unknown): DoorError {
  if (error instanceof DoorError) return error;
  return error instanceof ArchonError
    ? new DoorError(error.code, { message: error.message })
    : new DoorError('INTERNAL_SERVER_ERROR');
}

/** Ends the connection when the answer is out: a client that keeps its half open would hold the server's stop up. */
function refuse(stream: Duplex, error: DoorError): void {
  stream.once('finish', () => stream.destroy());
  writeErrorTo(stream, error, { ...error.headers, 'cache-control': 'no-store' });
}
