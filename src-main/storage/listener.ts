/**
 * One LISTEN on a connection of its own, which is renewed when it is lost.
 *
 * There is one connection, one attempt or one wait at a time: {@link Listener.start} makes the first connection, and a
 * single loop then waits for its loss, ends it and makes the next. `pg` tells of one loss several times (`error`, `end`,
 * the failed query), so nothing but that loop may connect.
 */
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { dropClient, endClient } from './end-client.ts';
import { databaseFault } from './storage-errors.ts';

/** Wait before listening again after the connection was lost: doubles from the first to the last. */
const RELISTEN_MS = [250, 10_000] as const;
/** How long a server may take to end a connection. */
const END_LIMIT_MS = 2_000;

export interface ListenerOptions {
  config: pg.ClientConfig;
  logger: Logger;
  channel: string;
  onNotify: (payload: string) => void;
  /** Notifications may have been missed. */
  onReconnect: () => void;
  /** Nothing is heard until {@link ListenerOptions.onReconnect}. */
  onLost: () => void;
}

interface Connection {
  client: pg.Client;
  /** Resolves with the reason when the connection is gone, at our own end of it too. */
  lost: Promise<Error>;
}

export class Listener {
  readonly #options: ListenerOptions;
  readonly #closing = new AbortController();
  /** Ends the connection that is there or being made. */
  #endConnection: () => void = () => {};
  #upkeep: Promise<void> = Promise.resolve();

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  /** Listens, for good unless this first attempt fails. */
  async start(): Promise<void> {
    const first = this.#connect();
    this.#upkeep = first.then(
      (connection) => this.#keep(connection),
      () => {}, // Told to whoever called start.
    );
    await first;
  }

  /** Stops listening; no connection is left when it returns. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#endConnection();
    await this.#upkeep;
  }

  /** Renews the connection whenever it is lost, until closed. */
  async #keep(first: Connection): Promise<void> {
    const { logger, channel, onReconnect, onLost } = this.#options;
    let connection: Connection | undefined = first;
    while (connection) {
      const error: Error = await connection.lost;
      await endClient(connection.client, END_LIMIT_MS);
      if (this.#closing.signal.aborted) return;
      logger.warn({ err: error, channel }, 'listening connection lost');
      onLost();
      connection = await this.#reconnect();
      if (connection) onReconnect();
    }
  }

  /** Tries until there is a connection; undefined once closed. */
  async #reconnect(): Promise<Connection | undefined> {
    const { logger, channel } = this.#options;
    const { signal } = this.#closing;
    for (let delay_ms: number = RELISTEN_MS[0]; ; delay_ms = Math.min(delay_ms * 2, RELISTEN_MS[1])) {
      await wait(delay_ms, undefined, { signal }).catch(() => {}); // It ends early only to be closed.
      if (signal.aborted) return undefined;
      try {
        return await this.#connect();
      } catch (error) {
        logger.debug({ err: error, channel }, 'listening again failed; it is tried again');
      }
    }
  }

  async #connect(): Promise<Connection> {
    const { config, channel, onNotify } = this.#options;
    const client = new pg.Client(config);
    const lost = Promise.withResolvers<Error>();
    // From the start: a server that goes away in the same breath as it answers is told of before its answer is seen.
    client.on('error', lost.resolve);
    client.once('end', () => lost.resolve(new Error('the server ended the connection')));
    client.on('notification', (message) => onNotify(message.payload ?? ''));
    // Not `end`: pg then never says that a connection which is still being made has failed.
    this.#endConnection = () => dropClient(client);
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      this.#closing.signal.throwIfAborted();
    } catch (error) {
      await endClient(client, 0);
      throw databaseFault(error) ?? error;
    }
    this.#endConnection = () => void endClient(client, END_LIMIT_MS);
    return { client, lost: lost.promise };
  }
}
