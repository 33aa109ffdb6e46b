/**
 * PostgreSQL, embedded or remote, behind one door.
 *
 * Every query of the domain runs inside `withScope`: one transaction, under a role that cannot bypass row-level
 * security, with the organisation set for that transaction alone. The opening statements are pipelined with the
 * first query, so the scope costs no round trip of its own.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Compilable } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import type { Scope } from '../identity/scope.ts';
import { runInOneFlight } from './one-flight.ts';
import { databaseFault } from './storage-errors.ts';

const TIMESTAMPTZ = 1184;
const INT8 = 20;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Wait before listening again after the connection was lost: doubles from the first to the last. */
const RELISTEN_MS = [250, 10_000] as const;

/** Times come as ISO strings in UTC, counts as numbers (none of ours passes 2^53). */
export const typeParsers: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (format !== 'binary') {
      if (oid === TIMESTAMPTZ) {
        const parse = pg.types.getTypeParser(oid, 'text') as (value: string) => Date;
        return (value: string) => parse(value).toISOString();
      }
      if (oid === INT8) return Number;
    }
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};

const ignoreLostConnection = (): void => {};

/** An open transaction. Queries run in order; they may be sent without waiting for the one before. */
export class Transaction {
  readonly #client: pg.PoolClient;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async run<Row>(query: Compilable<Row>): Promise<Row[]> {
    const compiled = query.compile();
    return await this.sql<Row>(compiled.sql, [...compiled.parameters]);
  }

  async sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    const result = await this.#client.query(text, values);
    return result.rows as Row[];
  }
}

export interface DatabaseOptions {
  pool: pg.PoolConfig;
  logger: Logger;
  /** Milliseconds after which the server gives up a statement; 0 for no limit. */
  statement_timeout_ms: number;
}

export class Database {
  readonly #pool: pg.Pool;
  readonly #poolConfig: pg.PoolConfig;
  readonly #logger: Logger;
  /** SQL that bounds every statement of a transaction. */
  readonly #limit: string;
  readonly #inTransaction = new AsyncLocalStorage<true>();
  readonly #listeners = new Set<Listener>();

  constructor(options: DatabaseOptions) {
    this.#poolConfig = {
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      ...options.pool,
      types: typeParsers,
      pipeline: true,
    } as pg.PoolConfig;
    this.#pool = new pg.Pool(this.#poolConfig);
    this.#logger = options.logger;
    this.#limit = `set_config('statement_timeout', '${Math.trunc(options.statement_timeout_ms)}', true)`;
    // A pooled connection that dies while idle is replaced at its next use; nothing was lost with it.
    this.#pool.on('error', (error) => this.#logger.warn({ err: error }, 'idle database connection lost'));
  }

  /** Runs `work` in one transaction that sees and writes only the scope's organisation. */
  async withScope<T>(scope: Scope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return await this.#run(`BEGIN; SELECT ${this.#settingsOf(scope)}`, work);
  }

  /**
   * Runs queries that need nothing of each other in one transaction and one flight.
   *
   * @returns the rows of each query, in order
   */
  async atOnce(scope: Scope, queries: readonly Compilable<unknown>[]): Promise<unknown[][]> {
    const statements = [
      { sql: `SELECT ${this.#settingsOf(scope)}`, parameters: [] },
      ...queries.map((query) => query.compile()),
    ];
    const client = await this.#connect();
    try {
      const [, ...rows] = await runInOneFlight(client, statements, typeParsers);
      client.release();
      return rows;
    } catch (error) {
      const away = databaseFault(error);
      // The transaction is over either way; only a connection that may be gone is thrown away.
      client.release(away !== undefined);
      throw away ?? error;
    }
  }

  /** A transaction as the login role, outside every organisation: for migrations, checks and upkeep. */
  async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return await this.#run(`BEGIN; SELECT ${this.#limit}`, work);
  }

  /**
   * Calls `onNotify` for every NOTIFY on a channel. The connection is kept by us and renewed when lost;
   * `onReconnect` then says that notifications may have been missed.
   *
   * @returns a function that stops listening
   */
  async listen(
    channel: string,
    onNotify: (payload: string) => void,
    onReconnect: () => void = () => {},
  ): Promise<() => Promise<void>> {
    const listener = new Listener(this.#poolConfig, this.#logger, channel, onNotify, onReconnect);
    await listener.connect();
    this.#listeners.add(listener);
    return async () => {
      this.#listeners.delete(listener);
      await listener.close();
    };
  }

  /** Round trip in milliseconds and the server's version, such as "PostgreSQL 18.1". */
  async ping(): Promise<{ latency_ms: number; version: string; version_number: number }> {
    const began = performance.now();
    const client = await this.#connect();
    try {
      const { rows } = await client.query(
        `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`,
      );
      return {
        latency_ms: performance.now() - began,
        version: `PostgreSQL ${rows[0].version}`,
        version_number: rows[0].number,
      };
    } catch (error) {
      throw databaseFault(error) ?? error;
    } finally {
      client.release();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
    this.#listeners.clear();
    await this.#pool.end();
  }

  /** What a transaction of a scope sets for itself. `org_id` is checked to be a UUID, so it is safe inside the statement. */
  #settingsOf(scope: Scope): string {
    if (!UUID.test(scope.org_id)) throw new Error(`not an organisation id: ${scope.org_id}`);
    return `${this.#limit}, set_config('app.current_org_id', '${scope.org_id}', true), set_config('role', 'archon_app', true)`;
  }

  async #connect(): Promise<pg.PoolClient> {
    if (this.#inTransaction.getStore()) {
      // On the embedded database, which has one backend, this would wait for itself for ever.
      throw new Error('a transaction is open: use it instead of asking the pool for another connection');
    }
    try {
      const client = await this.#pool.connect();
      // A connection that dies while it is in use fails its query, which is told there; without a listener the same
      // event would end the process.
      if (!client.listeners('error').includes(ignoreLostConnection)) client.on('error', ignoreLostConnection);
      return client;
    } catch (error) {
      throw databaseFault(error) ?? error;
    }
  }

  async #run<T>(open: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    const opened = client.query(open);
    // Not awaited yet: the first query of `work` leaves in the same flight. Its failure is reported below.
    opened.catch(() => {});
    try {
      const result = await this.#inTransaction.run(true, () => work(new Transaction(client)));
      await opened;
      const commit = await client.query('COMMIT');
      if (commit.command !== 'COMMIT')
        throw new Error('the transaction was rolled back: an error in it was not passed on');
      client.release();
      return result;
    } catch (error) {
      const cause = await opened.then(
        () => error,
        (openError: unknown) => openError,
      );
      await client.query('ROLLBACK').then(
        () => client.release(),
        () => client.release(true),
      );
      throw databaseFault(cause) ?? cause;
    }
  }
}

/** One LISTEN on a connection of its own. */
class Listener {
  readonly #config: pg.PoolConfig;
  readonly #logger: Logger;
  readonly #channel: string;
  readonly #onNotify: (payload: string) => void;
  readonly #onReconnect: () => void;
  #client: pg.Client | undefined;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    config: pg.PoolConfig,
    logger: Logger,
    channel: string,
    onNotify: (payload: string) => void,
    onReconnect: () => void,
  ) {
    this.#config = config;
    this.#logger = logger;
    this.#channel = channel;
    this.#onNotify = onNotify;
    this.#onReconnect = onReconnect;
  }

  async connect(): Promise<void> {
    const client = new pg.Client(this.#config);
    let lost = false;
    const onLost = (error?: Error) => {
      if (lost || this.#closed) return;
      lost = true;
      this.#logger.warn({ err: error, channel: this.#channel }, 'listening connection lost');
      this.#reconnect(RELISTEN_MS[0]);
    };
    client.on('notification', (message) => this.#onNotify(message.payload ?? ''));
    client.on('error', onLost);
    client.on('end', () => onLost());
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(this.#channel)}`);
    } catch (error) {
      lost = true;
      await client.end().catch(() => {});
      throw databaseFault(error) ?? error;
    }
    this.#client = client;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#client?.end().catch(() => {});
  }

  #reconnect(delay_ms: number): void {
    this.#timer = setTimeout(() => {
      this.connect().then(
        () => {
          if (this.#closed) void this.close();
          else this.#onReconnect();
        },
        () => this.#reconnect(Math.min(delay_ms * 2, RELISTEN_MS[1])),
      );
    }, delay_ms);
  }
}
