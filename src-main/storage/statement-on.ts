import type pg from 'pg';
import { databaseFault } from './storage-errors.ts';

/** Runs text of somebody else on a connection of the pool, and gives it back. */
export async function statementOn<Row>(client: pg.PoolClient, text: string, values: unknown[]): Promise<Row[]> {
  try {
    const results: pg.QueryResult | pg.QueryResult[] = await client.query(text, values);
    client.release();
    return [results].flat().flatMap(({ rows }) => rows as Row[]);
  } catch (error) {
    const away = databaseFault(error);
    // A transaction that the text began would be left open.
    await client.query('ROLLBACK').then(
      () => client.release(away !== undefined),
      () => client.release(true),
    );
    throw away ?? error;
  }
}
