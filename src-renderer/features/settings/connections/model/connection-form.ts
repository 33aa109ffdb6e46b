/** What a person writes about a connection, checked before it is sent, and what of it is sent. */
import { z } from 'zod';
import type { ConnectionInput, Inputs, Profile } from '../../../../../src-contract/index.ts';
import { labelText } from '../../../../../src-contract/primitives.ts';
import { type Connection, PROFILE_COLORS, SSL_MODES } from '../../../../../src-contract/profiles.ts';
import {
  POSTGRES_PORT,
  type PostgresAddress,
  postgresUrl,
  REDIS_PORT,
  type RedisAddress,
  redisUrl,
} from './connection-url.ts';

/** A secret is never told: it is kept as it is, or what is written takes its place, which may be nothing. */
const secret = z.object({ isKept: z.boolean(), text: z.string() });
export type SecretField = z.infer<typeof secret>;

const PEM = /-----BEGIN [A-Z0-9 ]+-----[\s\S]+-----END [A-Z0-9 ]+-----/;
const pem = z
  .string()
  .max(200_000, 'That is too long for a certificate.')
  .refine((text) => text.trim() === '' || PEM.test(text), 'In PEM: it begins with -----BEGIN CERTIFICATE-----.');
const numberIn = (min: number, max: number) =>
  z
    .string()
    .trim()
    .refine(
      (text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max,
      `A number from ${min.toLocaleString('en')} to ${max.toLocaleString('en')}.`,
    );
const text = (missing: string) => z.string().trim().min(1, missing).max(200, 'At most 200 characters.');
const host = z
  .string()
  .trim()
  .min(1, 'Where does the server run?')
  .max(253, 'A host name has at most 253 characters.')
  .regex(/^[^\s/@?#]*$/, 'A host name or an IP address, without anything around it.');
const tls = z
  .object({ mode: z.enum(SSL_MODES), ca_pem: pem, cert_pem: pem, key: secret })
  .refine(({ cert_pem, key }) => cert_pem.trim() === '' || key.isKept || key.text.trim() !== '', {
    path: ['key'],
    message: 'The client certificate needs its key.',
  });
export type TlsForm = z.infer<typeof tls>;

const database = z.object({
  host,
  port: numberIn(1, 65_535),
  database: text('Which database of the server?'),
  user: text('As whom does Archon log in?'),
  password: secret,
  tls,
  pool_size: numberIn(1, 200),
});
const redis = z.object({
  host,
  port: numberIn(1, 65_535),
  db: numberIn(0, 1_000_000),
  username: z.string().trim().max(200, 'At most 200 characters.'),
  password: secret,
  tls,
  key_prefix: z.string().regex(/^[A-Za-z0-9:_-]{1,50}$/, 'Letters, digits, and : _ - only; 50 at most.'),
});

const looks = z.object({
  name: z
    .string()
    .refine((name) => name.trim() !== '', 'A connection needs a name.')
    .refine((name) => name.trim() === '' || labelText.safeParse(name.trim()).success, 'At most 500 characters.'),
  color: z.enum(PROFILE_COLORS),
  read_only: z.boolean(),
  agents: z.boolean(),
});

/** What is written of Redis is kept while it is switched off, and not checked. */
const withRedis = z.discriminatedUnion('has_redis', [
  z.object({ has_redis: z.literal(true), redis }),
  z.object({ has_redis: z.literal(false), redis: z.unknown() }),
]);

/** Checks everything. */
const connectionForm = z.object({ looks, database }).and(withRedis);
/** Checks what every profile has, for one whose connection is not written here. */
const looksForm = z.object({ looks });

/** URLs that are written and not understood: nothing can be sent before they are. */
interface Unread {
  database: string;
  redis: string;
}

export interface ConnectionForm {
  looks: z.infer<typeof looks>;
  database: z.infer<typeof database>;
  has_redis: boolean;
  redis: z.infer<typeof redis>;
  unread: Unread;
}

const NO_SECRET: SecretField = { isKept: false, text: '' };
const NO_TLS: TlsForm = { mode: 'disable', ca_pem: '', cert_pem: '', key: NO_SECRET };
const secretOf = (has: boolean): SecretField => ({ isKept: has, text: '' });
const tlsOf = ({ mode, ca_pem, cert_pem, has_key }: Connection['database']['tls']): TlsForm => ({
  mode,
  ca_pem: ca_pem ?? '',
  cert_pem: cert_pem ?? '',
  key: secretOf(has_key),
});

const NEW: ConnectionForm = {
  looks: { name: '', color: 'blue', read_only: false, agents: true },
  database: {
    host: '',
    port: String(POSTGRES_PORT),
    database: '',
    user: '',
    password: NO_SECRET,
    tls: NO_TLS,
    pool_size: '10',
  },
  has_redis: false,
  redis: {
    host: '',
    port: String(REDIS_PORT),
    db: '0',
    username: '',
    password: NO_SECRET,
    tls: NO_TLS,
    key_prefix: 'archon:',
  },
  unread: { database: '', redis: '' },
};

export function formOf(profile: Profile | undefined): ConnectionForm {
  if (profile === undefined) return NEW;
  const { name, color, read_only, agents } = profile;
  const form = { ...NEW, looks: { name, color, read_only, agents } };
  if (profile.kind !== 'remote') return form;
  const { database: db, redis: cache } = profile.connection;
  return {
    ...form,
    database: {
      host: db.host,
      port: String(db.port),
      database: db.database,
      user: db.user,
      password: secretOf(db.has_password),
      tls: tlsOf(db.tls),
      pool_size: String(db.pool_size),
    },
    has_redis: cache !== null,
    redis:
      cache === null
        ? NEW.redis
        : {
            host: cache.host,
            port: String(cache.port),
            db: String(cache.db),
            username: cache.username ?? '',
            password: secretOf(cache.has_password),
            tls: tlsOf(cache.tls),
            key_prefix: cache.key_prefix,
          },
  };
}

/** Absent keeps the secret, null removes it. */
const secretInput = ({ isKept, text: written }: SecretField): string | null | undefined =>
  isKept ? undefined : written === '' ? null : written;

function tlsInput({ mode, ca_pem, cert_pem, key }: TlsForm) {
  const key_pem = secretInput(key);
  return {
    mode,
    ca_pem: ca_pem.trim() === '' ? null : ca_pem,
    cert_pem: cert_pem.trim() === '' ? null : cert_pem,
    ...(key_pem === undefined ? {} : { key_pem }),
  };
}

export function connectionOf({ database: db, has_redis, redis: cache }: ConnectionForm): ConnectionInput {
  const password = secretInput(db.password);
  const cachePassword = secretInput(cache.password);
  return {
    database: {
      host: db.host.trim(),
      port: Number(db.port),
      database: db.database.trim(),
      user: db.user.trim(),
      ...(password === undefined ? {} : { password }),
      tls: tlsInput(db.tls),
      pool_size: Number(db.pool_size),
    },
    redis: has_redis
      ? {
          host: cache.host.trim(),
          port: Number(cache.port),
          db: Number(cache.db),
          username: cache.username.trim() === '' ? null : cache.username.trim(),
          ...(cachePassword === undefined ? {} : { password: cachePassword }),
          tls: tlsInput(cache.tls),
          key_prefix: cache.key_prefix,
        }
      : null,
  };
}

/** Only what is another: the connection of a profile that is open is not sent at all. */
export function changeOf(before: Profile, form: ConnectionForm): Inputs['profiles']['update'] {
  const was = formOf(before);
  const { name, color, read_only, agents } = form.looks;
  const isSame = JSON.stringify(connectionOf(was)) === JSON.stringify(connectionOf(form));
  return {
    profile_id: before.profile_id,
    ...(name.trim() === before.name ? {} : { name: name.trim() }),
    ...(color === before.color ? {} : { color }),
    ...(read_only === before.read_only ? {} : { read_only }),
    ...(agents === before.agents ? {} : { agents }),
    ...(before.kind !== 'remote' || isSame ? {} : { connection: connectionOf(form) }),
  };
}

/** The database as a URL; a secret that is kept is not known here, and left out. */
export function databaseUrl({
  host: at,
  port,
  database: db,
  user,
  password,
  tls: { mode },
}: ConnectionForm['database']) {
  return postgresUrl({
    host: at.trim(),
    port: Number(port) || POSTGRES_PORT,
    database: db.trim(),
    user: user.trim(),
    password: password.isKept ? '' : password.text,
    mode,
  });
}

/** @param before keeps what a URL does not say, and the secret when the URL has none */
export function withDatabaseUrl(before: ConnectionForm['database'], url: PostgresAddress): ConnectionForm['database'] {
  const { host: at, port, database: db, user, password, mode } = url;
  return {
    ...before,
    host: at,
    port: String(port),
    database: db,
    user,
    password: withPassword(before.password, password),
    tls: { ...before.tls, mode },
  };
}

export function cacheUrl({ host: at, port, db, username, password, tls: { mode } }: ConnectionForm['redis']): string {
  return redisUrl({
    host: at.trim(),
    port: Number(port) || REDIS_PORT,
    db: Number(db) || 0,
    username: username.trim(),
    password: password.isKept ? '' : password.text,
    isEncrypted: mode !== 'disable',
  });
}

export function withCacheUrl(before: ConnectionForm['redis'], url: RedisAddress): ConnectionForm['redis'] {
  const { host: at, port, db, username, password, isEncrypted } = url;
  const { mode } = before.tls;
  return {
    ...before,
    host: at,
    port: String(port),
    db: String(db),
    username,
    password: withPassword(before.password, password),
    // `rediss` says that it is encrypted, not how strictly: a choice that was made stays.
    tls: { ...before.tls, mode: isEncrypted ? (mode === 'disable' ? 'verify-full' : mode) : 'disable' },
  };
}

const withPassword = (before: SecretField, written: string): SecretField =>
  written === '' && before.isKept ? before : { isKept: false, text: written };

const NOT_UNDERSTOOD = 'The URL is not understood as it stands.';

/** What is wrong, by the path of its field, such as `database.host`. Of a profile that has a connection of its own, all. */
export function faultsOf(form: ConnectionForm, hasConnection: boolean): Readonly<Record<string, string>> {
  const { error } = (hasConnection ? connectionForm : looksForm).safeParse(form);
  const issues = error?.issues ?? [];
  const faults = Object.fromEntries(issues.toReversed().map(({ path, message }) => [path.join('.'), message]));
  if (!hasConnection) return faults;
  const { database: url, redis: cache } = form.unread;
  return {
    ...faults,
    ...(url === '' ? {} : { 'unread.database': NOT_UNDERSTOOD }),
    ...(cache === '' || !form.has_redis ? {} : { 'unread.redis': NOT_UNDERSTOOD }),
  };
}
