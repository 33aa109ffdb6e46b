/** What a person fills in, together with what is kept already. */

import type { z } from 'zod';
import type { connectionInput } from '../../src-contract/index.ts';
import { invalidField } from '../errors.ts';
import type { ConnectionSettings, DatabaseSettings, RedisServerSettings, TlsSettings } from './connection-settings.ts';
import { parsePostgresUrl } from './postgres-url.ts';
import { parseRedisUrl } from './redis-url.ts';

export type ParsedConnectionInput = z.output<typeof connectionInput>;
type TlsInput = Extract<ParsedConnectionInput['database'], { host: string }>['tls'];

/**
 * @param before the same connection as it is kept: its secrets are taken where the input says nothing of them
 * @throws ArchonError VALIDATION_FAILED
 */
export function settingsOf(input: ParsedConnectionInput, before?: ConnectionSettings): ConnectionSettings {
  return {
    database: databaseOf(input.database, before?.database),
    redis: input.redis === null ? null : redisOf(input.redis, before?.redis ?? undefined),
  };
}

function databaseOf(input: ParsedConnectionInput['database'], before?: DatabaseSettings): DatabaseSettings {
  if ('url' in input) {
    const parsed = parsePostgresUrl(input.url);
    return { ...parsed, password: parsed.password ?? keptPassword(parsed, before) };
  }
  const { password, tls, ...rest } = input;
  if (password === undefined) refuseElsewhere('database.password', rest, before);
  return { ...rest, password: kept(password, before?.password), tls: tlsOf(tls, 'database.tls', before?.tls) };
}

function redisOf(
  input: NonNullable<ParsedConnectionInput['redis']>,
  before?: RedisServerSettings,
): RedisServerSettings {
  if ('url' in input) {
    const parsed = parseRedisUrl(input.url);
    return { ...parsed, password: parsed.password ?? keptPassword(parsed, before) };
  }
  const { password, tls, username = null, ...rest } = input;
  if (password === undefined) refuseElsewhere('redis.password', rest, before);
  return { ...rest, username, password: kept(password, before?.password), tls: tlsOf(tls, 'redis.tls', before?.tls) };
}

interface Place {
  host: string;
  port: number;
}
type KeptPlace = (Place & { password: string | null }) | undefined;

/** A password goes to the server it was given for, and to no other. */
const keptPassword = (parsed: Place, before: KeptPlace): string | null =>
  isSamePlace(parsed, before) ? (before?.password ?? null) : null;

/** As {@link keptPassword}, where nothing is said of a password that is kept. */
function refuseElsewhere(field: string, given: Place, before: KeptPlace): void {
  if (before === undefined || before.password === null || isSamePlace(given, before)) return;
  throw invalidField(field, `was given for ${before.host}:${before.port}: type it again for another server`);
}

const isSamePlace = (one: Place, other: Place | undefined): boolean =>
  other !== undefined && one.host === other.host && one.port === other.port;

function tlsOf(input: TlsInput, field: string, before?: TlsSettings): TlsSettings {
  const tls = {
    mode: input.mode,
    ca_pem: input.ca_pem ?? null,
    cert_pem: input.cert_pem ?? null,
    key_pem: kept(input.key_pem, before?.key_pem),
  };
  // A key alone is of no use; it goes with its certificate.
  if (tls.cert_pem === null) return { ...tls, key_pem: null };
  if (tls.key_pem === null) throw invalidField(`${field}.key_pem`, 'is needed with a client certificate');
  return tls;
}

/** Undefined keeps, null removes. */
const kept = (given: string | null | undefined, before: string | null | undefined): string | null =>
  given === undefined ? (before ?? null) : given;
