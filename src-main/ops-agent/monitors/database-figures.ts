/** What the database is asked in every round: a few questions that cost nothing. */
import type { Database } from '../../storage/database.ts';
import { askAsLogin, type Told } from './login-questions.ts';
import type { StandbyRow } from './standby-lag.ts';

export interface DatabaseUse {
  bytes: number;
  /** Of those that the server or the database allows, whichever is nearer. */
  connections_percent: number;
}

export async function readDatabaseUse(database: Pick<Database, 'transaction'>): Promise<Told<DatabaseUse>> {
  return await askAsLogin(database, (tx) =>
    tx.sql<DatabaseUse>(
      `SELECT pg_database_size(d.oid) AS bytes,
         greatest(100 * sum(s.numbackends)::float8 / current_setting('max_connections')::int,
           CASE WHEN d.datconnlimit > 0
             THEN 100 * sum(s.numbackends) FILTER (WHERE s.datid = d.oid)::float8 / d.datconnlimit END) AS connections_percent
       FROM pg_database d, pg_stat_database s WHERE d.datname = current_database() GROUP BY d.oid, d.datconnlimit`,
    ),
  );
}

/** Those that the login may see: of others there is only that they are there. */
export async function readStandbys(database: Pick<Database, 'transaction'>): Promise<Told<StandbyRow>> {
  return await askAsLogin(database, (tx) =>
    tx.sql<StandbyRow>(
      `SELECT DISTINCT ON (standby) coalesce(nullif(application_name, ''), 'standby') ||
           CASE WHEN client_addr IS NULL THEN '' ELSE ' at ' || host(client_addr) END AS standby,
         extract(epoch FROM replay_lag)::float8 AS lag_seconds,
         pg_wal_lsn_diff(replay_lsn, '0/0')::float8 AS replayed_bytes,
         pg_wal_lsn_diff(
           CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, replay_lsn
         )::float8 AS behind_bytes
       FROM pg_stat_replication WHERE replay_lsn IS NOT NULL ORDER BY standby, behind_bytes DESC LIMIT 50`,
    ),
  );
}
