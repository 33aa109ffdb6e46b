/** Connection to a PostgreSQL server from configuration: URL, TLS, pool size. */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { Config } from '../settings/config-schema.ts';

/** How much longer than a statement may take its answer is waited for: the server gives up first, unless it is gone. */
const ANSWER_MARGIN_MS = 5_000;

/** Pool options for `database.url`. Files of certificates are read here, so that a wrong path is told at once. */
export function remotePoolConfig(config: Config, url: string): pg.PoolConfig {
  const tlsInUrl = [...new URL(url).searchParams.keys()].find((name) => name.startsWith('ssl'));
  if (tlsInUrl !== undefined) {
    // pg would let the URL win over the certificate checks that are configured.
    throw new Error(`database.url must not say ${tlsInUrl}: TLS is set by database.ssl_mode and its files.`);
  }
  return {
    connectionString: url,
    max: config['database.pool_size'],
    application_name: 'archon',
    query_timeout: config['database.statement_timeout_ms'] + ANSWER_MARGIN_MS,
    ssl: tlsOptions(config),
  };
}

function tlsOptions(config: Config): pg.PoolConfig['ssl'] {
  const mode = config['database.ssl_mode'];
  if (mode === 'disable') return false;
  const pem = (name: 'database.ssl_ca_file' | 'database.ssl_cert_file' | 'database.ssl_key_file') => {
    const path = config[name];
    if (path === null) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new Error(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
    }
  };
  const ca = pem('database.ssl_ca_file');
  const cert = pem('database.ssl_cert_file');
  const key = pem('database.ssl_key_file');
  return {
    rejectUnauthorized: mode === 'verify-full',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}
