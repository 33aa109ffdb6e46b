/** Connections that variables of other programs name; those of our own (ARCHON_…) are configuration. */
import { ArchonError, invalidField } from '../errors.ts';
import { type ConnectionSettings, type DatabaseSettings, POOL_SIZE, POSTGRES_PORT } from './connection-settings.ts';
import { parsePostgresUrl, tlsOf } from './postgres-url.ts';
import { parseRedisUrl } from './redis-url.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface FoundConnection {
  variable: string;
  redis_variable: string | null;
  settings: ConnectionSettings;
}

const URL_VARIABLES = ['DATABASE_URL', 'POSTGRES_URL'];
const REDIS_VARIABLE = 'REDIS_URL';
/** What the variables of libpq are called together. https://www.postgresql.org/docs/current/libpq-envars.html */
const PG = 'PGHOST';

/** What cannot be read is left out: the variables may be for a program that we are not. */
export function connectionsOf(env: Env): FoundConnection[] {
  const redis = attempt(() => env[REDIS_VARIABLE] && parseRedisUrl(env[REDIS_VARIABLE])) || null;
  const found: FoundConnection[] = [];
  for (const variable of [...URL_VARIABLES, PG]) {
    const database = attempt(() => databaseOf(env, variable));
    if (database === undefined) continue;
    found.push({ variable, redis_variable: redis && REDIS_VARIABLE, settings: { database, redis } });
  }
  return found;
}

/** @throws ArchonError VALIDATION_FAILED when the variable names none */
export function connectionOf(env: Env, variable: string): ConnectionSettings {
  const found = connectionsOf(env).find((one) => one.variable === variable);
  if (found === undefined)
    throw invalidField('connection.from_environment', 'names no variable that holds a connection');
  return found.settings;
}

function databaseOf(env: Env, variable: string): DatabaseSettings | undefined {
  if (variable !== PG) {
    const text = env[variable];
    return text && /^postgres(ql)?:/i.test(text) ? parsePostgresUrl(text) : undefined;
  }
  const { PGHOST: host, PGPORT, PGPASSWORD } = env;
  const user = env.PGUSER || env.USER;
  const port = PGPORT ? Number(PGPORT) : POSTGRES_PORT;
  if (!host || host.startsWith('/') || host.includes(',') || !user || !Number.isInteger(port)) return undefined;
  const tls = tlsOf(
    new Map(
      ['SSLMODE', 'SSLROOTCERT', 'SSLCERT', 'SSLKEY'].flatMap((name) => {
        const value = env[`PG${name}`];
        // Their default leaves open whether it is encrypted; ours does not.
        return !value || value === 'prefer' || value === 'allow' ? [] : [[name.toLowerCase(), value] as const];
      }),
    ),
  );
  const database = env.PGDATABASE || user;
  return { host, port, database, user, password: PGPASSWORD || null, tls, pool_size: POOL_SIZE };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof ArchonError) return undefined;
    throw error;
  }
}
