/** Connection to a PostgreSQL server from configuration: URL, TLS, pool size. */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import type { DatabaseSettings } from '../connections/connection-settings.ts';
import { tlsOptions } from '../connections/tls-options.ts';
import type { Config } from '../settings/config-schema.ts';

/** How much longer than a statement may take its answer is waited for: the server gives up first, unless it is gone. */
const ANSWER_MARGIN_MS = 5_000;

/**
 * Pool options for the profile that is open, or for `database.url`. Files of certificates are read here, so that a wrong
 * path is told at once.
 */
export function remotePoolConfig(config: Config, url: string): pg.PoolConfig {
  const settings = config.profile?.settings?.database;
  const common = {
    application_name: 'archon',
    // With the first message, not as a statement: behind a pooler that would be left to the next who gets the connection.
    ...(config.profile?.read_only ? { options: '-c default_transaction_read_only=on' } : {}),
    query_timeout: config['database.statement_timeout_ms'] + ANSWER_MARGIN_MS,
  };
  if (settings) return { ...common, ...clientConfig(settings), max: settings.pool_size };
  const tlsInUrl = [...new URL(url).searchParams.keys()].find((name) => name.startsWith('ssl'));
  if (tlsInUrl !== undefined) {
    // pg would let the URL win over the certificate checks that are configured.
    throw new Error(`database.url must not say ${tlsInUrl}: TLS is set by database.ssl_mode and its files.`);
  }
  return {
    ...common,
    connectionString: url,
    max: config['database.pool_size'],
    ssl: configuredTls(config),
  };
}

/** As pg wants to be told where to connect, and as whom. */
export function clientConfig({ host, port, database, user, password, tls }: DatabaseSettings): pg.ClientConfig {
  return { host, port, database, user, password: password ?? undefined, ssl: tlsOptions(tls) ?? false };
}

function configuredTls(config: Config): pg.PoolConfig['ssl'] {
  const mode = config['database.ssl_mode'];
  if (mode === 'disable') return false;
  const pem = (name: 'database.ssl_ca_file' | 'database.ssl_cert_file' | 'database.ssl_key_file') => {
    const path = config[name];
    if (path === null) return null;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      throw new Error(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
    }
  };
  return tlsOptions({
    mode,
    ca_pem: pem('database.ssl_ca_file'),
    cert_pem: pem('database.ssl_cert_file'),
    key_pem: pem('database.ssl_key_file'),
  });
}
