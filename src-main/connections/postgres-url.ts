/** `postgres://` addresses, both ways. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS */
import { invalidField } from '../errors.ts';
import {
  type DatabaseSettings,
  hostInUrl,
  NO_TLS,
  POOL_SIZE,
  POSTGRES_PORT,
  type TlsSettings,
} from './connection-settings.ts';
import { loginInUrl, parseConnectionUrl } from './connection-url.ts';
import { readCertificates, readKey } from './pem-files.ts';

const FIELD = 'database.url';
/** Parameters of libpq and of other clients that change nothing of what we do. */
const WITHOUT_MEANING = new Set([
  'application_name',
  'channel_binding',
  'client_encoding',
  'connect_timeout',
  'connection_limit',
  'fallback_application_name',
  'gssencmode',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'pgbouncer',
  'pool_timeout',
  'target_session_attrs',
]);
const TLS_PARAMS = new Set(['sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey']);
/** What others call our modes. */
const MODES: ReadonlyMap<string, TlsSettings['mode']> = new Map([
  ['disable', 'disable'],
  ['require', 'require'],
  ['no-verify', 'require'],
  ['verify-ca', 'verify-ca'],
  ['verify-full', 'verify-full'],
]);

/** @throws ArchonError VALIDATION_FAILED, with what is wrong and never the password */
export function parsePostgresUrl(text: string): DatabaseSettings {
  const { user, password, host, port, path, params } = parseConnectionUrl(text, ['postgres', 'postgresql'], FIELD);
  if (user === null) throw invalidField(FIELD, 'names no user, as in postgres://user@host/database');
  if (path === '') throw invalidField(FIELD, 'names no database: end it in /database');
  const unknown = [...params.keys()].find((name) => !TLS_PARAMS.has(name) && !WITHOUT_MEANING.has(name));
  if (unknown !== undefined) {
    throw invalidField(FIELD, `has the parameter "${unknown.slice(0, 60)}", which is not known: leave it out`);
  }
  const tls = tlsOf(params);
  return { host, port: port ?? POSTGRES_PORT, database: path, user, password, tls, pool_size: POOL_SIZE };
}

/** TLS as `sslmode` and its friends say it; from the environment too. @throws ArchonError VALIDATION_FAILED */
export function tlsOf(params: ReadonlyMap<string, string>): TlsSettings {
  const file = (name: string) => params.get(name) || undefined;
  const rootcert = file('sslrootcert');
  const tls = {
    ca_pem: rootcert === undefined || rootcert === 'system' ? null : readCertificates(FIELD, rootcert),
    cert_pem: file('sslcert') === undefined ? null : readCertificates(FIELD, file('sslcert') ?? ''),
    key_pem: file('sslkey') === undefined ? null : readKey(FIELD, file('sslkey') ?? ''),
  };
  return { ...tls, mode: modeOf(params, rootcert !== undefined) };
}

function modeOf(params: ReadonlyMap<string, string>, hasRoot: boolean): TlsSettings['mode'] {
  const said = params.get('sslmode');
  if (said === undefined) {
    const ssl = params.get('ssl');
    if (ssl === undefined || ssl === 'false' || ssl === '0') return hasRoot ? 'verify-ca' : NO_TLS.mode;
    return hasRoot ? 'verify-full' : 'require';
  }
  const mode = MODES.get(said);
  // As libpq: with a root certificate `require` checks who signed.
  if (mode === 'require' && hasRoot) return 'verify-ca';
  if (mode !== undefined) return mode;
  const allowed = 'disable, require, verify-ca or verify-full';
  if (said === 'allow' || said === 'prefer') {
    throw invalidField(FIELD, `has sslmode=${said}, which leaves open whether it is encrypted: say ${allowed}`);
  }
  throw invalidField(FIELD, `has an sslmode that is not known: say ${allowed}`);
}

/** The address with its password and without TLS, whose texts are too long for one. */
export function formatPostgresUrl({ host, port, database, user, password }: DatabaseSettings): string {
  return `postgres://${loginInUrl(user, password)}${hostInUrl(host)}:${port}/${encodeURIComponent(database)}`;
}
