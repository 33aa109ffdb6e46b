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
import { type CallPolicy, noPolicy } from '../resilience/call-policy.ts';
import { probeDatabase } from './database-probe.ts';
import { dropClient } from './end-client.ts';
import { Listener } from './listener.ts';
import { runInOneFlight, type Statement } from './one-flight.ts';
import { statementOn } from './statement-on.ts';
import { databaseFault, isReadOnly, wasCutOff } from './storage-errors.ts';
import { ended, trackedClient } from './tracked-client.ts';
import { typeParsers } from './type-parsers.ts';

/** A statement that writes in the event log, as we write it or as Kysely does. */
const WRITES_EVENTS = /insert into "?archon_events\b/i;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Silence after which the system asks whether the other end is still there; it gives up some 10 s later. */
const KEEP_ALIVE_AFTER_MS = 10_000;
/** How long `close` lets running work finish. */
const CLOSE_GRACE_MS = 5_000;
/** For pg, whose 0 is "as configured": the longest a timer takes, 24 days. */
const NO_LIMIT_MS = 2 ** 31 - 1;

const ignoreLostConnection = (): void => {};

/** A statement that writes events, and of which types. */
export interface EventWrite extends Compilable<unknown> {
  readonly event_types: readonly string[];
}

const typesOf = (query: Compilable<unknown>): readonly string[] =>
  'event_types' in query ? (query as EventWrite).event_types : [];

/** An open transaction. Queries run in order; they may be sent without waiting for the one before. */
export class Transaction {
  readonly #client: pg.PoolClient;
  readonly #unlimited: boolean;

  constructor(client: pg.PoolClient, unlimited: boolean) {
    this.#client = client;
    this.#unlimited = unlimited;
  }

  /** It has written in the event log. */
  wroteEvents = false;
  /** Of which types, as far as its statements say so. */
  readonly eventTypes: string[] = [];

  async run<Row>(query: Compilable<Row>): Promise<Row[]> {
    const compiled = query.compile();
    this.wroteEvents ||= WRITES_EVENTS.test(compiled.sql);
    this.eventTypes.push(...typesOf(query));
    return await this.sql<Row>(compiled.sql, [...compiled.parameters]);
  }

  async sql<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    const result = await this.#client.query(this.#unlimited ? withoutLimit(text, values) : { text, values });
    return result.rows as Row[];
  }
}

/** pg takes a limit for one query too; its types do not tell of it. */
function withoutLimit(text: string, values: unknown[] = []): pg.QueryConfig & { query_timeout: number } {
  return { text, values, query_timeout: NO_LIMIT_MS };
}

export interface DatabaseOptions {
  /** `query_timeout` is how long an answer is waited for: without it a server that falls silent is waited for for ever. */
  pool: pg.PoolConfig;
  logger: Logger;
  /** Milliseconds after which the server gives up a statement; 0 for no limit. */
  statement_timeout_ms: number;
  /** Every transaction is told to refuse whatever writes. */
  read_only?: boolean;
  /** What queries pass. A transaction is never repeated by it: one whose commit was not answered may be done. */
  policy?: CallPolicy;
}

/** How a transaction is made. */
interface RunOptions {
  unlimited?: boolean;
  signal?: AbortSignal;
}

export class Database {
  readonly #pool: pg.Pool;
  readonly #poolConfig: pg.PoolConfig;
  readonly #logger: Logger;
  /** SQL that bounds every statement of a transaction. */
  readonly #limit: string;
  readonly #read_only: boolean;
  readonly #policy: CallPolicy;
  readonly #inTransaction = new AsyncLocalStorage<true>();
  readonly #listeners = new Set<Listener>();
  readonly #eventListeners = new Set<(org_id: string, types: readonly string[]) => void>();
  /** Every connection of the pool, from its first byte to its last. */
  readonly #connections = new Set<pg.Client>();
  #closed: Promise<void> | undefined;

  constructor(options: DatabaseOptions) {
    this.#poolConfig = {
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      ...options.pool,
      types: typeParsers,
      pipeline: true,
    } as pg.PoolConfig;
    this.#pool = new pg.Pool({ ...this.#poolConfig, Client: trackedClient(this.#connections) });
    this.#logger = options.logger;
    this.#policy = options.policy ?? noPolicy;
    this.#read_only = options.read_only ?? false;
    const limit = `set_config('statement_timeout', '${Math.trunc(options.statement_timeout_ms)}', true)`;
    this.#limit = this.#read_only ? `${limit}, set_config('transaction_read_only', 'on', true)` : limit;
    // A pooled connection that dies while idle is replaced at its next use; nothing was lost with it.
    this.#pool.on('error', (error) => this.#logger.warn({ err: error }, 'idle database connection lost'));
  }

  /** Runs `work` in one transaction that sees and writes only the scope's organisation. */
  async withScope<T>(scope: Scope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    let opened: Transaction | undefined;
    const open = `BEGIN; SELECT ${this.#settingsOf(scope)}`;
    const scoped = (tx: Transaction) => {
      opened = tx;
      return work(tx);
    };
    const result = await this.#call((signal) => this.#run(open, scoped, { signal }));
    if (opened?.wroteEvents) this.#tellOfEvents(scope.org_id, opened.eventTypes);
    return result;
  }

  /**
   * The same for work that only reads and may be done again: when the connection is cut, as by a server that restarts, it
   * is repeated on another.
   */
  async readWithScope<T>(scope: Scope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    try {
      return await this.withScope(scope, work);
    } catch (error) {
      if (!wasCutOff(error)) throw error;
      return await this.withScope(scope, work);
    }
  }

  /**
   * Calls the listener with the organisation of every transaction that wrote events, and with their types, once it is
   * committed.
   */
  onEventsWritten(listener: (org_id: string, types: readonly string[]) => void): void {
    this.#eventListeners.add(listener);
  }

  /** Connections of the pool, and calls that wait for one. */
  poolUse(): { used: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { used: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
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
    const [, ...rows] = await this.#call((signal) => this.#flight(statements, signal));
    if (statements.some(({ sql }) => WRITES_EVENTS.test(sql))) {
      this.#tellOfEvents(scope.org_id, queries.flatMap(typesOf));
    }
    return rows;
  }

  async #flight(statements: readonly Statement[], signal: AbortSignal): Promise<unknown[][]> {
    return await this.#withClient(signal, async (client) => {
      try {
        const rows = await runInOneFlight(client, statements, typeParsers);
        client.release();
        return rows;
      } catch (error) {
        const away = databaseFault(error);
        // The transaction is over either way; only a connection that may be gone is thrown away.
        client.release(away !== undefined);
        throw away ?? error;
      }
    });
  }

  /**
   * A transaction as the login role, outside every organisation: for migrations, checks and upkeep.
   *
   * `unlimited` lets its statements take as long as they need.
   */
  async transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    { unlimited = false }: { unlimited?: boolean } = {},
  ): Promise<T> {
    const unbounded = `SET LOCAL statement_timeout = 0${this.#read_only ? '; SET TRANSACTION READ ONLY' : ''}`;
    const limit = unlimited ? unbounded : `SELECT ${this.#limit}`;
    // What may take as long as it needs is waited for, and takes nobody's place.
    if (unlimited) return await this.#run(`BEGIN; ${limit}`, work, { unlimited });
    return await this.#call((signal) => this.#run(`BEGIN; ${limit}`, work, { signal }));
  }

  /**
   * One statement as the login role, outside every organisation and in no transaction of ours; without values it may be
   * several, with a transaction of their own: for libraries that bring their own SQL.
   */
  async statement<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    if (this.#read_only) return await this.transaction((tx) => tx.sql<Row>(text, values));
    return await this.#call((signal) => this.#withClient(signal, (client) => statementOn<Row>(client, text, values)));
  }

  /**
   * One statement as the login role that does not wait for the disk: after a crash of the server it may not have been,
   * together with everything that came later.
   */
  async relaxedStatement<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    const settings = `SELECT ${this.#limit}, set_config('synchronous_commit', 'off', true)`;
    const statements = [
      { sql: settings, parameters: [] },
      { sql: text, parameters: values },
    ];
    const [, rows] = await this.#call((signal) => this.#flight(statements, signal));
    return rows as Row[];
  }

  #tellOfReturn: () => void = () => {};

  /** Calls the listener when a connection that was lost stands again. */
  onReturn(listener: () => void): void {
    this.#tellOfReturn = listener;
  }

  /**
   * Calls `onNotify` for every NOTIFY on a channel. The connection is kept by us and renewed when lost;
   * `onLost` says that nothing is heard, `onReconnect` then that notifications may have been missed.
   *
   * @returns a function that stops listening
   */
  async listen(
    channel: string,
    onNotify: (payload: string) => void,
    onReconnect: () => void = () => {},
    onLost: () => void = () => {},
  ): Promise<() => Promise<void>> {
    const onReturn = () => {
      this.#tellOfReturn();
      onReconnect();
    };
    const told = { onNotify, onReconnect: onReturn, onLost };
    const listener = new Listener({ config: this.#poolConfig, logger: this.#logger, channel, ...told });
    this.#listeners.add(listener);
    try {
      await listener.start();
    } catch (error) {
      this.#listeners.delete(listener);
      throw error;
    }
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
      client.release();
      return {
        latency_ms: performance.now() - began,
        version: `PostgreSQL ${rows[0].version}`,
        version_number: rows[0].number,
      };
    } catch (error) {
      const away = databaseFault(error);
      client.release(away !== undefined);
      throw away ?? error;
    }
  }

  /** Whether the server lets a new connection in and answers it: no other call, and no full pool, is in its way. */
  async probe(): Promise<{ latency_ms: number; detail: string }> {
    return await probeDatabase(this.#poolConfig);
  }

  /**
   * Lets running work finish for `grace_ms`, then cuts what is left: a server that has fallen silent cannot hold it up.
   * No connection is left when it returns. Called again, it waits for the same end.
   */
  close({ grace_ms = CLOSE_GRACE_MS }: { grace_ms?: number } = {}): Promise<void> {
    this.#closed ??= this.#end(grace_ms);
    return this.#closed;
  }

  async #end(grace_ms: number): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
    this.#listeners.clear();
    const allEnded = () => Promise.all([...this.#connections].map(ended));
    const cut = Promise.withResolvers<void>();
    const grace = setTimeout(() => {
      this.#logger.warn({ connections: this.#connections.size, grace_ms }, 'database connections cut to close');
      void allEnded().then(() => cut.resolve());
      for (const client of this.#connections) dropClient(client);
    }, grace_ms);
    // The pool lets its connections go without waiting for their end.
    await Promise.race([this.#pool.end().then(allEnded), cut.promise]);
    clearTimeout(grace);
  }

  #tellOfEvents(org_id: string, types: readonly string[]): void {
    for (const listener of this.#eventListeners) listener(org_id, types);
  }

  /** What a transaction of a scope sets for itself. `org_id` is checked to be a UUID, so it is safe inside the statement. */
  #settingsOf(scope: Scope): string {
    if (!UUID.test(scope.org_id)) throw new Error(`not an organisation id: ${scope.org_id}`);
    return `${this.#limit}, set_config('app.current_org_id', '${scope.org_id}', true), set_config('role', 'archon_app', true)`;
  }

  async #call<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#refuseInTransaction();
    return await this.#policy.run(call);
  }

  #refuseInTransaction(): void {
    if (!this.#inTransaction.getStore()) return;
    // On the embedded database, which has one backend, this would wait for itself for ever.
    throw new Error('a transaction is open: use it instead of asking the pool for another connection');
  }

  /** Work on a connection that is cut when the answer is not waited for any longer. */
  async #withClient<T>(signal: AbortSignal | undefined, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    // A connection that was refused asked nothing yet.
    const client = await this.#policy.repeat(() => this.#connect());
    const cut = () => dropClient(client);
    if (signal?.aborted) cut();
    signal?.addEventListener('abort', cut, { once: true });
    try {
      return await work(client);
    } finally {
      signal?.removeEventListener('abort', cut);
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    this.#refuseInTransaction();
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

  async #run<T>(open: string, work: (tx: Transaction) => Promise<T>, options: RunOptions = {}): Promise<T> {
    return await this.#withClient(options.signal, (client) => this.#runOn(client, open, work, options));
  }

  async #runOn<T>(
    client: pg.PoolClient,
    open: string,
    work: (tx: Transaction) => Promise<T>,
    { unlimited = false }: RunOptions,
  ): Promise<T> {
    const opened = client.query(open);
    // Not awaited yet: the first query of `work` leaves in the same flight. Its failure is reported below.
    opened.catch(() => {});
    try {
      const result = await this.#inTransaction.run(true, () => work(new Transaction(client, unlimited)));
      await opened;
      const commit = await client.query(unlimited ? withoutLimit('COMMIT') : 'COMMIT');
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
        // A server that became a standby stays one; another connection may find the new primary.
        () => client.release(isReadOnly(cause)),
        () => client.release(true),
      );
      throw databaseFault(cause) ?? cause;
    }
  }
}
