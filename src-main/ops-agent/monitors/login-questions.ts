/** What PostgreSQL is asked about itself, as the login: the role of the domain sees only its tables. */
import type { Database, Transaction } from '../../storage/database.ts';
import { sqlStateOf } from '../../storage/storage-errors.ts';

/** Milliseconds that the server takes for one question at most: it has better things to do. */
const LIMIT_MS = 3000;
/**
 * What a server says that does not have, or does not let the login see, what it is asked for.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const NOT_FOR_US: Readonly<Record<string, string>> = {
  '0A000': 'the server does not support it',
  '42501': 'the login may not see it',
  '42704': 'the server does not have it',
  '42703': 'the server does not have it',
  '42883': 'the server does not have it',
  '42P01': 'the server does not have it',
  '55000': 'it is not loaded on the server (shared_preload_libraries)',
};

export type Told<T> = { told: true; items: readonly T[] } | { told: false; reason: string };

/**
 * Runs questions in one transaction, none of which takes long.
 *
 * @throws ArchonError while the database is away
 */
export async function askAsLogin<Row>(
  database: Pick<Database, 'transaction'>,
  ask: (tx: Transaction) => Promise<Row[]>,
): Promise<Told<Row>> {
  try {
    const items = await database.transaction(async (tx) => {
      // In one flight with the first question.
      const [, rows] = await Promise.all([limited(tx), ask(tx)]);
      return rows;
    });
    return { told: true, items };
  } catch (error) {
    const reason = NOT_FOR_US[sqlStateOf(error)];
    if (reason === undefined) throw error;
    return { told: false, reason };
  }
}

async function limited(tx: Transaction): Promise<void> {
  await tx.sql(`SELECT set_config('statement_timeout', '${LIMIT_MS}', true)`);
}
