/**
 * Whether a pooler stands between, and how it shares connections.
 *
 * It hands out a key of its own for cancelling, so the process that the server names is another. Shared between
 * transactions, two clients that are both connected meet the same process of the server.
 * https://www.pgbouncer.org/features.html
 */
import pg from 'pg';
import { endClient } from '../../storage/end-client.ts';
import { failed, ok, type StepOutcome, warning } from './step.ts';

const END_MS = 1_000;
const ADVICE = 'Give the address of the server itself, or of a pool in session mode (pool_mode = session).';

export async function lookForPooler(first: pg.Client, config: pg.ClientConfig): Promise<StepOutcome> {
  const process_id = await processOf(first);
  if (process_id === keyOf(first)) return ok('none stands between');
  if (!(await takesTransactions(first))) {
    return failed('A pooler shares connections between statements (statement mode): transactions are refused.', ADVICE);
  }
  if ((await processOfAnother(config)) !== (await processOf(first))) {
    return ok('a pooler stands between and keeps a connection for each client (session mode)');
  }
  return warning(
    'A pooler, most likely PgBouncer, shares connections between transactions (transaction mode). News of other nodes (LISTEN) does not come through, nor does what is set or locked for a session: changes of others are seen late, and a read-only profile cannot be opened.',
    ADVICE,
  );
}

async function takesTransactions(client: pg.Client): Promise<boolean> {
  try {
    await client.query('BEGIN');
    await client.query('COMMIT');
    return true;
  } catch {
    return false;
  }
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}

async function processOfAnother(config: pg.ClientConfig): Promise<number> {
  const client = new pg.Client(config);
  client.on('error', () => {});
  try {
    await client.connect();
    return await processOf(client);
  } finally {
    void endClient(client, END_MS);
  }
}

/** Of the message that the server greets with; pg's types do not tell of it. */
function keyOf(client: pg.Client): number | undefined {
  const { processID } = client as pg.Client & { processID?: number | null };
  return processID ?? undefined;
}
