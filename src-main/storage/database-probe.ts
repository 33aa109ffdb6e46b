/** Whether a database server lets a new connection in and answers it: no other call, and no full pool, is in its way. */
import pg from 'pg';
import { endClient } from './end-client.ts';
import { databaseFault } from './storage-errors.ts';

/** How long each of the two may take, in milliseconds. */
const LIMIT_MS = 2_000;

/** @throws ArchonError STORAGE_UNAVAILABLE */
export async function probeDatabase(config: pg.ClientConfig): Promise<{ latency_ms: number; detail: string }> {
  const began = performance.now();
  const client = new pg.Client({ ...config, connectionTimeoutMillis: LIMIT_MS, query_timeout: LIMIT_MS });
  // A connection that is lost fails what is asked on it, which is told there.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query(`SELECT current_setting('server_version') AS version`);
    return { latency_ms: performance.now() - began, detail: `PostgreSQL ${rows[0].version}` };
  } catch (error) {
    throw databaseFault(error) ?? error;
  } finally {
    void endClient(client, LIMIT_MS);
  }
}
