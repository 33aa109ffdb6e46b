/**
 * Several statements as one implicit transaction in one flight.
 *
 * PostgreSQL runs all that is sent before one Sync as a transaction of its own: everything is committed at the Sync, or
 * nothing after the first error. So a scoped write needs neither BEGIN nor COMMIT, and the embedded database, whose
 * cost is per exchange, is asked once instead of three times.
 * https://www.postgresql.org/docs/18/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
import type { CompiledQuery } from 'kysely';
import pg from 'pg';
import utils from 'pg/lib/utils.js';

export type Statement = Pick<CompiledQuery, 'sql' | 'parameters'>;

/** What we use of pg's connection; its types do not tell of it. */
interface WireConnection {
  parse(message: { text: string; name: string }): void;
  bind(message: { values: unknown[] }): void;
  describe(message: { type: 'P'; name: string }): void;
  execute(message: { portal: string }): void;
  sync(): void;
}

interface QueryClass {
  new (config: {
    text: string;
    queryMode: 'extended';
    types: pg.CustomTypesConfig;
  }): pg.Submittable & {
    callback?: (error: Error | null, results: pg.QueryResult | pg.QueryResult[]) => void;
  };
}

/** pg's own query: rows and errors are collected by it, only what is sent differs. */
const Query = (pg.Client as unknown as { Query: QueryClass }).Query;

class OneFlight extends Query {
  readonly #statements: readonly { text: string; values: unknown[] }[];

  constructor(statements: readonly Statement[], types: pg.CustomTypesConfig) {
    super({ text: 'several statements', queryMode: 'extended', types });
    // Done here, so that a value that cannot be sent fails before anything is.
    this.#statements = statements.map(({ sql, parameters }) => ({
      text: sql,
      values: parameters.map((value) => utils.prepareValue(value)),
    }));
  }

  /** Called by pg with the stream held back, so that all of it leaves together. */
  prepare(connection: WireConnection): void {
    for (const { text, values } of this.#statements) {
      connection.parse({ text, name: '' });
      connection.bind({ values });
      connection.describe({ type: 'P', name: '' });
      connection.execute({ portal: '' });
    }
    connection.sync();
  }
}

/** Runs the statements on a client, all or none; the rows of each, in order. */
export async function runInOneFlight(
  client: pg.ClientBase,
  statements: readonly Statement[],
  types: pg.CustomTypesConfig,
): Promise<unknown[][]> {
  const flight = new OneFlight(statements, types);
  const results = await new Promise<pg.QueryResult | pg.QueryResult[]>((resolve, reject) => {
    flight.callback = (error, answer) => (error ? reject(error) : resolve(answer));
    client.query(flight);
  });
  return [results].flat().map(({ rows }) => rows);
}
