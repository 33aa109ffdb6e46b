/** One WebSocket of a browser: calls come in, answers and events go out, until one of the rules below ends it. */
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { ORPCError } from '@orpc/server';
import type { RPCHandler } from '@orpc/server/websocket';
import type { Logger } from 'pino';
import { type RawData, WebSocket } from 'ws';
import { ERRORS, type ErrorCode, RPC_CLOSE } from '../../src-contract/index.ts';
import { toApiError } from '../api/error-mapping.ts';
import type { ApiContext } from '../api/router.ts';
import type { BrowserSession } from '../identity/browser-sessions.ts';
import { DoorError } from './door-errors.ts';
import { refuseProtoKey } from './request-body.ts';
import { StallWatch } from './stall-watch.ts';

/** Calls of one socket that may run at once, event streams included. */
const MAX_CALLS = 128;
/** Event streams of one socket: a page has one, and another for a moment while it asks anew. */
const MAX_STREAMS = 8;
/** Bytes that may wait for a reader, however lively it is. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024;
/** Milliseconds a peer has to answer a close before the connection is cut. */
const CLOSE_MS = 1000;
const DRAIN_CHECK_MS = 20;

/** How far a message came: not to a route yet, to its route, or to a stream of events that runs. */
interface Call {
  state: 'received' | 'admitted' | 'streaming';
}

/** A call in the making: what the routes see, and the connection it came by. */
export interface RpcContext extends ApiContext {
  connection: RpcConnection;
  call: Call;
}

export interface RpcConnectionOptions {
  socket: WebSocket;
  /** The connection beneath. */
  stream: Socket;
  session: BrowserSession;
  handler: RPCHandler<RpcContext>;
  /** Made for each call: another engine may have taken over since the last. */
  context: () => ApiContext;
  logger: Logger;
  /** The session as it is now; undefined once it ended. */
  current(session: BrowserSession): BrowserSession | undefined;
  /** Writes down that the session is in use. */
  touch(session: BrowserSession): void;
  /** Makes sure the session's organisation exists. */
  prepare(session: BrowserSession): Promise<void>;
  /** Takes one call from what the session may make: whole seconds to wait, or 0. */
  takeCall(session: BrowserSession): number;
}

export class RpcConnection {
  readonly session: BrowserSession;
  readonly #options: RpcConnectionOptions;
  readonly #socket: WebSocket;
  readonly #stall = new StallWatch();
  /** What oRPC knows the connection by. Its `send` is waited for: a slow reader slows its event streams down. */
  readonly #peer: Parameters<RPCHandler<RpcContext>['message']>[0];
  /** Calls whose answer is not out yet, and event streams. */
  #calls = 0;
  #streams = 0;
  #isAlive = true;
  #ending = false;
  /** It ends when its answers are out. */
  #leaving = false;

  constructor(options: RpcConnectionOptions) {
    this.#options = options;
    this.session = options.session;
    this.#socket = options.socket;
    this.#peer = { addEventListener: () => {}, send: (data) => this.#send(data as string | Uint8Array) };
    const { socket, logger } = options;
    socket.on('message', (data, isBinary) => void this.#receive(data, isBinary));
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    // ws closes the connection itself after an error: too large, not UTF-8, reset by the peer.
    socket.on('error', (error) => logger.debug({ err: error }, 'socket error'));
    socket.on('close', () => options.handler.close(this.#peer));
  }

  /** Runs a call if the session may make it. Errors come out as those of the contract. */
  async admit(context: RpcContext, input: unknown, run: () => Promise<unknown>): Promise<unknown> {
    const { prepare, takeCall, logger } = this.#options;
    context.call.state = 'admitted';
    const session = this.#current();
    if (session === undefined) {
      this.end(RPC_CLOSE.SESSION_ENDED);
      throw apiError('UNAUTHORIZED', 'The session has ended; log in again.');
    }
    this.#options.touch(session);
    const wait_seconds = takeCall(session);
    if (wait_seconds > 0) throw apiError('RATE_LIMITED', `Too many calls; wait ${wait_seconds} s.`);
    if (this.#calls + this.#streams > MAX_CALLS) throw apiError('RATE_LIMITED', 'Too many calls at once.');
    try {
      if (typeof input === 'object' && input !== null) refuseProtoKey(input);
      await prepare(session);
    } catch (error) {
      throw error instanceof DoorError ? refusal(error) : toApiError(error, logger);
    }
    const output = await run();
    if (isIterator(output)) {
      if (this.#streams >= MAX_STREAMS) {
        await output.return?.();
        throw apiError('RATE_LIMITED', 'Too many event streams are open in this window; load it again.');
      }
      context.call.state = 'streaming';
      this.#calls -= 1;
      this.#streams += 1;
    }
    return output;
  }

  /** Asks whether the peer is there; one that did not answer the last time is gone. */
  beat(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  /** Ends the connection when the session did, or when the reader takes nothing any more. */
  check(now_ms: number, stall_ms: number): void {
    if (this.#options.current(this.session) === undefined) this.end(RPC_CLOSE.SESSION_ENDED);
    else if (this.#stall.stalledMs(this.#options.stream, now_ms) > stall_ms) this.end(RPC_CLOSE.TOO_SLOW);
  }

  /** Says why and ends; a peer that does not answer is cut off. */
  end({ code, reason }: { code: number; reason: string }): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#options.logger.debug({ code, reason }, 'socket closed');
    this.#socket.close(code, reason);
    const cut = setTimeout(() => this.#socket.terminate(), CLOSE_MS);
    this.#socket.once('close', () => clearTimeout(cut));
  }

  /**
   * The server stops, or another engine has taken over: answers that are being made go out first, event streams end at
   * once. No call is taken any more: it was meant for what the page shows.
   */
  async finish(deadline_ms: number): Promise<void> {
    this.#leaving = true;
    const isClosed = () => this.#socket.readyState === WebSocket.CLOSED;
    while (this.#calls > 0 && performance.now() < deadline_ms && !isClosed()) await wait(DRAIN_CHECK_MS);
    if (isClosed()) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.end(RPC_CLOSE.GOING_AWAY);
    await closed;
  }

  /** Errors of the storage come out as those of the contract. */
  #current(): BrowserSession | undefined {
    try {
      return this.#options.current(this.session);
    } catch (error) {
      throw toApiError(error, this.#options.logger);
    }
  }

  async #receive(data: RawData, isBinary: boolean): Promise<void> {
    if (this.#ending || this.#leaving) return;
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
    const call: Call = { state: 'received' };
    const context = this.#contextOf(call);
    if (context === undefined) return;
    this.#calls += 1;
    try {
      // oRPC takes a Uint8Array as well, and with it only the part of a Buffer that is ours.
      const message = isBinary ? (bytes as unknown as ArrayBuffer) : bytes.toString('utf8');
      await this.#options.handler.message(this.#peer, message, { context });
    } catch (error) {
      this.#broken(error, call);
    } finally {
      if (call.state === 'streaming') this.#streams -= 1;
      else this.#calls -= 1;
    }
  }

  /** Undefined while no engine is open: the page comes back a moment later. */
  #contextOf(call: Call): RpcContext | undefined {
    try {
      return { ...this.#options.context(), connection: this, call };
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'a call while no engine is open');
      this.end(RPC_CLOSE.GOING_AWAY);
      return undefined;
    }
  }

  /** A message oRPC could not read, or a stream that failed while it ran. */
  #broken(error: unknown, call: Call): void {
    const { logger } = this.#options;
    if (call.state === 'received') {
      logger.warn({ err: error }, 'a message that is no call');
      this.end(RPC_CLOSE.NOT_A_CALL);
      return;
    }
    logger.error({ err: error }, 'call failed');
  }

  async #send(data: string | Uint8Array): Promise<void> {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > MAX_WAITING_BYTES) {
      this.end(RPC_CLOSE.TOO_SLOW);
      return;
    }
    // The callback comes with an error when the connection ends meanwhile: nobody waits for the answer then.
    await new Promise<void>((resolve) => this.#socket.send(data, () => resolve()));
  }
}

const isIterator = (output: unknown): output is AsyncIterator<unknown> =>
  typeof output === 'object' && output !== null && Symbol.asyncIterator in output;

const apiError = (code: ErrorCode, message: string): ORPCError<string, unknown> =>
  new ORPCError(code, { status: ERRORS[code].status, message });

function refusal(error: DoorError): ORPCError<string, unknown> {
  const [first] = error.issues;
  const data = { field: first?.field ?? 'body', issues: error.issues };
  return new ORPCError(error.code, { status: error.status, message: error.message, data });
}
