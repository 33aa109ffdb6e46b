/** Whether a value may be what a key is set to, alone and together with the others. */
import { resolve } from 'node:path';
import type { Config, ConfigName } from './config-schema.ts';
import { allowedValues, isPathKey, keyDefinition } from './describe-key.ts';
import { isLoopback } from './loopback.ts';

/** The value as the key's type, or what it must be. */
export type CheckedValue = { value: unknown } | { rule: string };

/** @param base_dir folder that relative paths are resolved against */
export function checkValue(name: ConfigName, given: unknown, base_dir: string): CheckedValue {
  const { schema } = keyDefinition(name);
  const said = isTold(name) ? `, not ${shorten(given)}` : '';
  const refused = { rule: `must be ${allowedValues(name)}${said}` };
  if (!isRightKind(name, given)) return refused;
  if (!isStorable(given)) return { rule: 'must not contain the NUL character or half of a surrogate pair' };
  const result = schema.safeParse(given);
  if (!result.success) return refused;
  if (typeof result.data === 'number') return { value: withoutMinusZero(result.data) };
  const isPath = isPathKey(name) && typeof result.data === 'string';
  return { value: isPath ? resolve(base_dir, result.data as string) : result.data };
}

/** JSON keeps no sign of a zero, so what is set would not be what is read back. */
const withoutMinusZero = (value: number): number => value + 0;

/** PostgreSQL refuses NUL, UTF-8 cannot hold a lone surrogate. */
function isStorable(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isStorable);
  return typeof value !== 'string' || (!value.includes('\u0000') && value.isWellFormed());
}

/** An address may hold a password as well. */
const isTold = (name: ConfigName): boolean => {
  const { secret, kind } = keyDefinition(name);
  return !secret && !(kind.kind === 'text' && kind.format === 'url');
};

/** Text is always tried; otherwise the kind of the key, so that no `null` or `true` is taken for a number. */
function isRightKind(name: ConfigName, value: unknown): boolean {
  const { kind, default: fallback } = keyDefinition(name);
  if (value === null) return fallback === null;
  if (typeof value === 'string') return kind.kind === 'list' || value.trim() !== '';
  switch (kind.kind) {
    case 'switch':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number';
    case 'list':
      return Array.isArray(value);
    case 'choice':
    case 'text':
    case 'secret':
      return false;
  }
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Values that do not fit together. */
export interface Misfit {
  keys: readonly ConfigName[];
  problem: string;
}

const isSet = (config: Config, name: ConfigName): boolean => {
  const value = config[name];
  return Array.isArray(value) ? value.length > 0 : value !== null;
};

/** What a switch or choice needs beside it. */
const NEEDS: readonly { when: (config: Config) => boolean; key: ConfigName; needs: readonly ConfigName[] }[] = [
  {
    when: (config) => config['alerts.email_enabled'],
    key: 'alerts.email_enabled',
    needs: ['alerts.email_to', 'alerts.email_from', 'alerts.smtp_host'],
  },
  { when: (config) => config['alerts.slack_enabled'], key: 'alerts.slack_enabled', needs: ['alerts.slack_url'] },
  {
    when: (config) => config['alerts.webhook_enabled'],
    key: 'alerts.webhook_enabled',
    needs: ['alerts.webhook_url'],
  },
  {
    when: (config) => config['embedding.provider'] !== 'none',
    key: 'embedding.provider',
    needs: ['embedding.url', 'embedding.model'],
  },
  { when: (config) => config['llm.provider'] !== 'none', key: 'llm.provider', needs: ['llm.url', 'llm.model'] },
];

/** Rules over several keys. */
export function checkTogether(config: Config): Misfit[] {
  const misfits: Misfit[] = [];
  const refuse = (keys: readonly ConfigName[], problem: string) => misfits.push({ keys, problem });
  if ((config['server.tls_cert_file'] === null) !== (config['server.tls_key_file'] === null)) {
    refuse(['server.tls_cert_file', 'server.tls_key_file'], 'HTTPS needs both');
  }
  if ((config['database.ssl_cert_file'] === null) !== (config['database.ssl_key_file'] === null)) {
    refuse(['database.ssl_cert_file', 'database.ssl_key_file'], 'a client certificate needs both');
  }
  const redis = (['redis.url', 'redis.sentinels', 'redis.cluster_nodes'] as const).filter((name) =>
    isSet(config, name),
  );
  if (redis.length > 1) refuse(redis, 'only one of them can be set');
  if (isSet(config, 'redis.sentinels') && config['redis.sentinel_name'] === null) {
    refuse(['redis.sentinel_name'], 'must be set when redis.sentinels is');
  }
  const shares =
    config['memory.reserve_session'] + config['memory.reserve_longterm'] + config['memory.reserve_working'];
  if (shares > 1.000001) {
    refuse(['memory.reserve_session', 'memory.reserve_longterm', 'memory.reserve_working'], 'add up to more than 1');
  }
  if (config['alerts.dead_letters_critical_above'] < config['alerts.dead_letters_above']) {
    refuse(
      ['alerts.dead_letters_critical_above'],
      'must not be less than alerts.dead_letters_above, from which on there is a warning',
    );
  }
  for (const { when, key, needs } of NEEDS) {
    const missing = needs.filter((name) => !isSet(config, name));
    if (when(config) && missing.length > 0) refuse([key], `needs ${missing.join(', ')}`);
  }
  return misfits;
}

/** False for an address other machines can reach where nothing encrypts: the server does not listen there. */
export const isSafeBind = (config: Readonly<Config>): boolean =>
  isLoopback(config['server.host']) || config['server.allow_remote'] || config['server.tls_cert_file'] !== null;

/** As in "redis.url and redis.sentinels: only one of them can be set". */
export function describeMisfit({ keys, problem }: Misfit): string {
  const last = keys.at(-1) ?? '';
  const names = keys.length > 2 ? `${keys.slice(0, -1).join(', ')} and ${last}` : keys.join(' and ');
  return `${names}: ${problem}`;
}
