/** Every configuration key, defined once: its type, default, environment name and what it means. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { SSL_MODES } from '../../src-contract/index.ts';
import type { ProfileConnection } from '../connections/connection-settings.ts';
import { parseSchedule } from '../workers/schedule.ts';

/** One key. `env` and the flag `--<key with dashes>` set it; later sources win: file, environment, flags. */
export interface ConfigKey<T = unknown> {
  readonly env: string;
  readonly schema: z.ZodType<T>;
  readonly default: T;
  /** What it does, with its unit. */
  readonly help: string;
  /** Its value is never printed. */
  readonly secret?: boolean;
}

const key = <T>(env: string, schema: z.ZodType<T>, fallback: T, help: string, secret = false): ConfigKey<T> => ({
  env,
  schema,
  default: fallback,
  help,
  secret,
});

const int = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const fraction = z.coerce.number().min(0).max(1);
const text = z.string().min(1).nullable();
const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0', 'yes', 'no']).transform((value) => ['true', '1', 'yes'].includes(value)),
]);
/** A list, in the environment and in flags written with commas. */
const list = z.union([
  z.array(z.string().min(1)),
  z.string().transform((value) =>
    value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  ),
]);
/** Addresses and networks, such as 10.0.0.0/8. */
const networks = list.refine((all) => all.every(isNetwork), {
  message: 'must be IP addresses or networks such as 10.0.0.0/8, written with commas',
});
const urlWith = (protocols: string[]) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
      message: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    })
    .nullable();

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (bits === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
}

/** PostgreSQL's own text search configurations that every server has. */
const languages = z.enum([
  'simple',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'hungarian',
  'italian',
  'norwegian',
  'portuguese',
  'romanian',
  'russian',
  'spanish',
  'swedish',
  'turkish',
]);

const SCHEDULE = 'manual, an interval such as 15m, 1h or 1d, or a cron expression in UTC such as "0 3 * * *"';
const schedule = z
  .string()
  .refine((value) => parseSchedule(value) !== undefined)
  .describe(SCHEDULE);
const uuids = list.pipe(z.array(z.uuid()));

interface BreakerDefaults {
  threshold: number;
  reset_seconds: number;
}
type BreakerKeys<S extends string> = {
  [K in `resilience.${S}.enabled`]: ConfigKey<boolean>;
} & { [K in `resilience.${S}.${keyof BreakerDefaults}`]: ConfigKey<number> };

/** When the breaker of a service opens, and for how long. */
function breakerKeys<S extends string>(service: S, what: string, defaults: BreakerDefaults): BreakerKeys<S> {
  const env = `ARCHON_RESILIENCE_${service.toUpperCase()}`;
  const keys = {
    [`resilience.${service}.enabled`]: key(
      `${env}_ENABLED`,
      flag,
      true,
      `Stop asking ${what} for a while when it is away.`,
    ),
    [`resilience.${service}.threshold`]: key(
      `${env}_THRESHOLD`,
      int(1, 10),
      defaults.threshold,
      `Failures of ${what} in a row after which it is not asked for a while.`,
    ),
    [`resilience.${service}.reset_seconds`]: key(
      `${env}_RESET_SECONDS`,
      int(1, 3600),
      defaults.reset_seconds,
      `Seconds after which ${what} is tried again.`,
    ),
  };
  return keys as unknown as BreakerKeys<S>;
}

export const CONFIG_KEYS = {
  data_dir: key('ARCHON_DATA_DIR', text, null, 'Data folder; by default the place the system keeps application data.'),
  'database.url': key(
    'ARCHON_DATABASE_URL',
    urlWith(['postgres:', 'postgresql:']),
    null,
    'PostgreSQL ≥ 15 to use instead of the embedded database.',
    true,
  ),
  'database.ssl_mode': key(
    'ARCHON_DATABASE_SSL_MODE',
    z.enum(SSL_MODES),
    'disable',
    'TLS to PostgreSQL: disable, require (encrypted, certificate not checked), verify-ca (who signed it is checked) or verify-full (its name too).',
  ),
  'database.ssl_ca_file': key('ARCHON_DATABASE_SSL_CA_FILE', text, null, 'PEM file of the authorities to trust.'),
  'database.ssl_cert_file': key('ARCHON_DATABASE_SSL_CERT_FILE', text, null, 'PEM file of the client certificate.'),
  'database.ssl_key_file': key('ARCHON_DATABASE_SSL_KEY_FILE', text, null, 'PEM file of the client key.'),
  'database.pool_size': key('ARCHON_DATABASE_POOL_SIZE', int(1, 200), 10, 'Connections to PostgreSQL at most.'),
  'database.statement_timeout_ms': key(
    'ARCHON_DATABASE_STATEMENT_TIMEOUT_MS',
    int(100, 3_600_000),
    30_000,
    'Milliseconds after which a statement is given up.',
  ),
  'redis.url': key(
    'ARCHON_REDIS_URL',
    urlWith(['redis:', 'rediss:']),
    null,
    'Redis ≥ 7 for sessions, instead of the built-in store.',
    true,
  ),
  'redis.sentinels': key('ARCHON_REDIS_SENTINELS', list, [] as string[], 'Sentinels as host:port,host:port.'),
  'redis.sentinel_name': key('ARCHON_REDIS_SENTINEL_NAME', text, null, 'Name of the primary the sentinels watch.'),
  'redis.sentinel_username': key('ARCHON_REDIS_SENTINEL_USERNAME', text, null, 'User for the sentinels themselves.'),
  'redis.sentinel_password': key(
    'ARCHON_REDIS_SENTINEL_PASSWORD',
    text,
    null,
    'Password of the sentinels themselves, when they ask for one; redis.password is for the primary behind them.',
    true,
  ),
  'redis.cluster_nodes': key(
    'ARCHON_REDIS_CLUSTER_NODES',
    list,
    [] as string[],
    'Cluster nodes as host:port,host:port.',
  ),
  'redis.username': key('ARCHON_REDIS_USERNAME', text, null, 'User for Sentinel and Cluster connections.'),
  'redis.password': key('ARCHON_REDIS_PASSWORD', text, null, 'Password for Sentinel and Cluster connections.', true),
  'redis.tls': key('ARCHON_REDIS_TLS', flag, false, 'TLS for Sentinel and Cluster connections.'),
  'redis.key_prefix': key(
    'ARCHON_REDIS_KEY_PREFIX',
    z.string().regex(/^[A-Za-z0-9:_-]{1,50}$/),
    'archon:',
    'Start of every key in Redis.',
  ),
  'backup.interval_hours': key(
    'ARCHON_BACKUP_INTERVAL_HOURS',
    int(0, 8760),
    24,
    'Hours between backups that a running server makes of the embedded database; 0 for none.',
  ),
  'backup.keep': key(
    'ARCHON_BACKUP_KEEP',
    int(1, 1000),
    7,
    'Backups kept in the data folder; the oldest is removed once a new one is complete.',
  ),
  'server.host': key('ARCHON_HOST', z.string().min(1), '127.0.0.1', 'Address to listen on.'),
  'server.port': key('ARCHON_PORT', int(0, 65_535), 8181, 'Port to listen on; 0 picks a free one.'),
  'server.allow_remote': key(
    'ARCHON_ALLOW_REMOTE',
    flag,
    false,
    'Listen on an address other machines can reach without TLS of our own (a proxy in front does it).',
  ),
  'server.trusted_proxies': key(
    'ARCHON_TRUSTED_PROXIES',
    networks,
    [] as string[],
    'Addresses or networks of proxies in front, whose X-Forwarded-For says who is logging in; failed logins are counted per address.',
  ),
  'server.tls_cert_file': key('ARCHON_TLS_CERT_FILE', text, null, 'PEM certificate to serve HTTPS with.'),
  'server.tls_key_file': key('ARCHON_TLS_KEY_FILE', text, null, 'PEM key to serve HTTPS with.'),
  'server.ui': key(
    'ARCHON_SERVER_UI',
    flag,
    true,
    'Serve the user interface for browsers, with its login; false leaves the HTTP API for agents alone.',
  ),
  'server.body_limit_bytes': key(
    'ARCHON_BODY_LIMIT_BYTES',
    int(1024, 1024 ** 3),
    5_000_000,
    'Largest request body in bytes.',
  ),
  'server.rate_limit_per_minute': key(
    'ARCHON_RATE_LIMIT_PER_MINUTE',
    int(0, 10_000_000),
    60_000,
    'Requests per minute and token; 0 for no limit.',
  ),
  'memory.session_ttl_minutes': key(
    'ARCHON_SESSION_TTL_MINUTES',
    int(1, 525_600),
    60,
    'Minutes a session lives after its last access.',
  ),
  'memory.working_ttl_days': key('ARCHON_WORKING_TTL_DAYS', int(7, 30), 14, 'Days a working memory lives.'),
  'memory.relevance_half_life_days': key(
    'ARCHON_RELEVANCE_HALF_LIFE_DAYS',
    z.coerce.number().min(0.1).max(3650),
    7,
    'Days in which the relevance of a working memory halves.',
  ),
  'memory.importance_half_life_days': key(
    'ARCHON_IMPORTANCE_HALF_LIFE_DAYS',
    z.coerce.number().min(1).max(36_500),
    180,
    'Days without access in which a long-term memory halves its weight in ranking; a pinned one keeps it.',
  ),
  'memory.search_language': key(
    'ARCHON_SEARCH_LANGUAGE',
    languages,
    'english',
    'Language whose word forms search knows.',
  ),
  'memory.reserve_session': key(
    'ARCHON_RESERVE_SESSION',
    fraction,
    0.5,
    'Share of the context budget kept for session messages.',
  ),
  'memory.reserve_longterm': key(
    'ARCHON_RESERVE_LONGTERM',
    fraction,
    0.3,
    'Share of the context budget kept for long-term memories.',
  ),
  'memory.reserve_working': key(
    'ARCHON_RESERVE_WORKING',
    fraction,
    0.2,
    'Share of the context budget kept for working memories.',
  ),
  'events.retry_first_seconds': key(
    'ARCHON_EVENTS_RETRY_FIRST_SECONDS',
    int(1, 86_400),
    300,
    'Seconds before an event that a subscriber failed on is given to it again.',
  ),
  'events.retry_factor': key(
    'ARCHON_EVENTS_RETRY_FACTOR',
    z.coerce.number().min(1).max(100),
    6,
    'How many times longer each further wait is.',
  ),
  'events.retry_max_seconds': key(
    'ARCHON_EVENTS_RETRY_MAX_SECONDS',
    int(1, 604_800),
    7200,
    'Seconds of the longest wait between attempts.',
  ),
  'events.retry_attempts': key(
    'ARCHON_EVENTS_RETRY_ATTEMPTS',
    int(1, 100),
    3,
    'Attempts altogether; after the last an event is a dead letter.',
  ),
  'events.handler_timeout_seconds': key(
    'ARCHON_EVENTS_HANDLER_TIMEOUT_SECONDS',
    int(1, 3600),
    60,
    'Seconds a subscriber may take for one event.',
  ),
  'events.dead_letter_retention_days': key(
    'ARCHON_EVENTS_DEAD_LETTER_RETENTION_DAYS',
    int(1, 3650),
    30,
    'Days a dead letter is kept after it was resolved or discarded.',
  ),
  'events.dead_letter_retry_hours': key(
    'ARCHON_EVENTS_DEAD_LETTER_RETRY_HOURS',
    int(0, 8760),
    0,
    'Hours after which a dead letter is replayed by itself; 0 for never.',
  ),
  'events.dead_letter_retries': key(
    'ARCHON_EVENTS_DEAD_LETTER_RETRIES',
    int(1, 100),
    3,
    'Times a dead letter is replayed by itself at most.',
  ),
  'events.webhook_timeout_seconds': key(
    'ARCHON_EVENTS_WEBHOOK_TIMEOUT_SECONDS',
    int(1, 300),
    10,
    'Seconds a webhook may take to answer.',
  ),
  'events.webhooks_allow_private': key(
    'ARCHON_EVENTS_WEBHOOKS_ALLOW_PRIVATE',
    flag,
    false,
    'Let webhooks lead to private and local addresses, such as a service on this computer.',
  ),
  secret_key: key(
    'ARCHON_SECRET_KEY',
    z.string().min(16).nullable(),
    null,
    'Passphrase that secrets in the database are encrypted with, the same on all nodes; by default a key made in the data folder (secret.key).',
    true,
  ),
  'resilience.journal_max_mb': key(
    'ARCHON_RESILIENCE_JOURNAL_MAX_MB',
    int(1, 100_000),
    256,
    'Most megabytes of writes that wait on the disk of this node while their store is away; further ones are refused.',
  ),
  'workers.enabled': key(
    'ARCHON_WORKERS_ENABLED',
    flag,
    true,
    'Run workers in the server and the desktop app; false leaves them to `archon worker`.',
  ),
  'workers.organisations': key(
    'ARCHON_WORKERS_ORGANISATIONS',
    uuids,
    [] as string[],
    'Organisations this process works for besides those its data folder has tokens of.',
  ),
  'workers.concurrency': key('ARCHON_WORKERS_CONCURRENCY', int(1, 64), 2, 'Runs a process is at, at a time.'),
  'workers.lease_seconds': key(
    'ARCHON_WORKERS_LEASE_SECONDS',
    int(1, 600),
    15,
    'Seconds after which a process that was not heard of counts as lost; others take over what it was at.',
  ),
  'workers.consolidation_schedule': key(
    'ARCHON_WORKERS_CONSOLIDATION_SCHEDULE',
    schedule,
    '15m',
    'When working memories are promoted to long-term memory.',
  ),
  'workers.consolidation_min_score': key(
    'ARCHON_WORKERS_CONSOLIDATION_MIN_SCORE',
    fraction,
    0.45,
    'Score of relevance, repetition and access from which a working memory is promoted.',
  ),
  'workers.cleanup_schedule': key(
    'ARCHON_WORKERS_CLEANUP_SCHEDULE',
    schedule,
    '1h',
    'When what has run out is removed from the database.',
  ),
  'workers.session_cleanup_schedule': key(
    'ARCHON_WORKERS_SESSION_CLEANUP_SCHEDULE',
    schedule,
    '1h',
    'When expired sessions are removed from the session store.',
  ),
  'workers.event_retry_schedule': key(
    'ARCHON_WORKERS_EVENT_RETRY_SCHEDULE',
    schedule,
    '1m',
    'When dead letters are looked through for those to be tried again.',
  ),
  'workers.retention_schedule': key(
    'ARCHON_WORKERS_RETENTION_SCHEDULE',
    schedule,
    '1d',
    'When the logs of workers are shortened.',
  ),
  'workers.expired_days': key(
    'ARCHON_WORKERS_EXPIRED_DAYS',
    int(0, 3650),
    30,
    'Days an expired working memory is kept for lists that ask for it.',
  ),
  'workers.tombstone_days': key(
    'ARCHON_WORKERS_TOMBSTONE_DAYS',
    int(0, 3650),
    30,
    'Days a deleted memory can be restored; then it is removed with its history.',
  ),
  'workers.events_days': key('ARCHON_WORKERS_EVENTS_DAYS', int(1, 3650), 90, 'Days events are kept.'),
  'workers.runs_kept': key('ARCHON_WORKERS_RUNS_KEPT', int(30, 100_000), 500, 'Runs kept in the log of each worker.'),
  'resilience.deadline_seconds': key(
    'ARCHON_RESILIENCE_DEADLINE_SECONDS',
    int(1, 3600),
    30,
    'Seconds within which a request is answered, whatever is away; work that may take long, such as a backup, is left its time.',
  ),
  ...breakerKeys('postgres', 'a PostgreSQL server (the embedded database has no breaker)', {
    threshold: 5,
    reset_seconds: 10,
  }),
  ...breakerKeys('redis', 'Redis', { threshold: 5, reset_seconds: 5 }),
  ...breakerKeys('embedding', 'the embedding service', { threshold: 5, reset_seconds: 30 }),
  ...breakerKeys('llm', 'the language model', { threshold: 3, reset_seconds: 60 }),
  ...breakerKeys('smtp', 'the mail server', { threshold: 3, reset_seconds: 60 }),
  ...breakerKeys('slack', 'Slack', { threshold: 3, reset_seconds: 60 }),
  ...breakerKeys('webhook', 'the receiver of a webhook (each has a breaker of its own)', {
    threshold: 5,
    reset_seconds: 60,
  }),
  'log.level': key(
    'ARCHON_LOG_LEVEL',
    z.enum(['silent', 'error', 'warn', 'info', 'debug', 'trace']),
    'info',
    'How much is logged.',
  ),
  'log.file_mb': key('ARCHON_LOG_FILE_MB', int(1, 1000), 10, 'Megabytes of a log file; then the next one begins.'),
  'log.files': key('ARCHON_LOG_FILES', int(2, 100), 5, 'Log files kept, the one that is written included.'),
} satisfies Record<string, ConfigKey>;

export type ConfigName = keyof typeof CONFIG_KEYS;
type ValueOf<K extends ConfigName> = (typeof CONFIG_KEYS)[K] extends ConfigKey<infer T> ? T : never;
/** Values of all keys. `data_dir` is resolved before an engine sees it. */
export type Config = { [K in ConfigName]: ValueOf<K> } & {
  data_dir: string;
  /** Set when a connection profile is open; it goes before keys of the same. */
  profile?: ProfileConnection;
};

/** Defaults of all keys for a data folder. */
export function defaultConfig(data_dir: string): Config {
  const entries = Object.entries(CONFIG_KEYS).map(([name, definition]) => [name, definition.default]);
  return { ...Object.fromEntries(entries), data_dir } as Config;
}
