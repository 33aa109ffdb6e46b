/** A connection to Redis that never lets a command wait for long. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, type CommonRedisOptions, Redis, ReplyError } from 'ioredis';
import { ArchonError, assertNever } from '../../errors.ts';
import { type CallPolicy, noPolicy } from '../../resilience/call-policy.ts';
import { describeTarget, type RedisSettings, type RedisTarget, redisTarget } from './redis-target.ts';
import { SessionStoreUnavailableError } from './session-store.ts';

export type RedisClient = Redis | Cluster;

/** How long after the connection was lost commands wait for it to come back; later ones fail at once. */
const READY_WAIT_MS = 2_000;
/** Who asks how Redis is wants to know soon. */
const PROBE_WAIT_MS = 500;
/** How long a command may take, redirections and retries of a Cluster included. */
const COMMAND_TIMEOUT_MS = 3_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that is silent for so long while an answer is due is taken as dead. */
const SOCKET_TIMEOUT_MS = 5_000;
/** Pause before a client that gave up connects again. */
const ANEW_MS = 500;
const CLOSE_WAIT_MS = 2_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2_000;

/** Pause before the next attempt to connect, in ms. Goes on for ever: a server that is back is found within 2 s. */
const retryDelay = (attempt: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.min(attempt - 1, 10), LAST_RETRY_MS) * (0.75 + Math.random() / 2);

/** Options of every single connection. */
const CONNECTION_OPTIONS = {
  connectionName: 'archon',
  connectTimeout: CONNECT_TIMEOUT_MS,
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: SOCKET_TIMEOUT_MS,
  maxLoadingRetryTime: 1_000,
  // A command whose connection broke fails at once: sent again later, it could undo what was done in between. (Only a
  // Cluster sends it again, for at most COMMAND_TIMEOUT_MS; a message id is still added once.)
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
} satisfies CommonRedisOptions;

/** What Redis answers when it cannot do its work, and what helps; "-" comes before it in errors of scripts of Redis 6. */
const REFUSALS: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [
    // ioredis puts what a Sentinel answered at the end of its own words.
    /sentinels.*(WRONGPASS|NOAUTH|invalid username-password|invalid password)/,
    'cannot be asked for, as the Sentinels refuse the login: check redis.sentinel_username and redis.sentinel_password',
  ],
  [
    /WRONGPASS|NOAUTH|invalid username-password|invalid password/,
    'refuses the login: check user and password in redis.url, or redis.username and redis.password',
  ],
  [/^NOPERM/, 'does not let this user do what sessions need: extend its ACL'],
  [/(^|-)OOM/, 'is out of memory: raise maxmemory'],
  [/(^|-)MISCONF/, 'cannot write to its disk and refuses writes: see its log'],
  [/^MOVED/, 'is a node of a Cluster: set redis.cluster_nodes instead of redis.url'],
  [
    /(^|-)(LOADING|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|UNKILLABLE)/,
    'does not serve now; try again',
  ],
];

/** What ioredis says of itself when a command finds no connection: nothing that helps. */
const CLIENT_STATES = /max retries per request|enableOfflineQueue|^Connection is closed/;

/** Opens the Redis of the configuration, or undefined when none is configured. It connects in the background. */
export function createRedis(settings: RedisSettings): RedisConnection | undefined {
  const target = redisTarget(settings);
  return target && new RedisConnection(target);
}

/** One client of Redis, however it is set up, with the rules of waiting and failing that all commands share. */
export class RedisConnection {
  readonly client: RedisClient;
  /** Where it is, for messages. */
  readonly name: string;
  #lastError: Error | undefined;
  /** `performance.now()` when the connection was lost, or first tried; undefined while it stands. */
  #awaySince: number | undefined = performance.now();
  #back = Promise.withResolvers<void>();
  #closed = false;
  /** Connects again after ioredis gave up. */
  #anew: NodeJS.Timeout | undefined;
  readonly #policy: CallPolicy;
  #tellOfReturn: () => void = () => {};

  /** @param policy what commands pass; nothing of it is repeated: a script whose connection broke may have been run */
  constructor(target: RedisTarget, policy: CallPolicy = noPolicy) {
    this.#policy = policy;
    this.name = describeTarget(target);
    this.client = createClient(target);
    this.client.on('ready', () => {
      this.#awaySince = undefined;
      this.#lastError = undefined;
      this.#back.resolve();
      this.#tellOfReturn();
    });
    this.client.on('close', () => {
      if (this.#awaySince !== undefined) return;
      this.#awaySince = performance.now();
      this.#back = Promise.withResolvers();
    });
    // ioredis gives up for good when a connection is ended while it is being made, as a failover does.
    this.client.on('end', () => {
      if (!this.#closed) this.#anew = setTimeout(() => this.client.connect().catch(() => undefined), ANEW_MS);
    });
    // Kept for the message of the next command that fails; without a listener ioredis would print them.
    const keep = (error: Error & { lastNodeError?: Error | null }) => {
      const reason = error.lastNodeError ?? error;
      if (!CLIENT_STATES.test(reason.message)) this.#lastError = reason;
    };
    this.client.on('error', keep);
    this.client.on('node error', keep);
  }

  /** Calls the listener whenever a connection stands anew. */
  onReturn(listener: () => void): void {
    this.#tellOfReturn = listener;
  }

  /**
   * Sends a command as soon as the connection stands.
   *
   * @throws SessionStoreUnavailableError within some 5 s when there is no answer or Redis refuses, at once while it is
   *   known to be away
   */
  async run<T>(send: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      return await this.#policy.run(() => this.send(send));
    } catch (error) {
      // What a command of ours throws as one is an answer; only a policy knows when to try again.
      if (!(error instanceof ArchonError) || error.retry_after_seconds === undefined) throw error;
      throw new SessionStoreUnavailableError(error.message, { cause: error });
    }
  }

  /** The same, whatever is known of Redis: to find out how it is. */
  async send<T>(send: (client: RedisClient) => Promise<T>): Promise<T> {
    await this.#ready(READY_WAIT_MS);
    return await this.#sent(send);
  }

  /** The same, and a connection that was lost is hardly waited for. */
  async probe<T>(send: (client: RedisClient) => Promise<T>): Promise<T> {
    await this.#ready(PROBE_WAIT_MS);
    return await this.#sent(send);
  }

  async #sent<T>(send: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      // ioredis has no limit for a command that a Cluster keeps retrying.
      return await withTimeout(send(this.client), COMMAND_TIMEOUT_MS, () =>
        this.#unavailable('it did not answer in time'),
      );
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Whether Redis answers at all; of a Cluster, whether any part of it does. */
  async ping(): Promise<{ latency_ms: number; detail: string }> {
    const began = performance.now();
    await this.probe(async (client) => {
      const servers = client instanceof Cluster ? client.nodes('master') : [client];
      await Promise.any(servers.map((server) => server.ping()));
    });
    return { latency_ms: performance.now() - began, detail: `${this.name} answers` };
  }

  /** Commands under way fail. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#anew);
    if (this.client.status === 'end') return;
    const ended = new Promise<void>((resolve) => this.client.once('end', resolve));
    this.client.disconnect();
    // Between two attempts to connect ioredis has no socket whose closing would tell of the end.
    if (this.client.status === 'reconnecting') return;
    await Promise.race([ended, sleep(CLOSE_WAIT_MS, undefined, { ref: false })]);
  }

  async #ready(wait_ms: number): Promise<void> {
    if (this.client.status === 'ready') return;
    const rest_ms = (this.#awaySince ?? performance.now()) + wait_ms - performance.now();
    if (this.#closed || rest_ms <= 0) throw this.#unavailable('the connection is closed');
    await withTimeout(this.#back.promise, rest_ms, () => this.#unavailable('it cannot be reached'));
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof Error) || error instanceof SessionStoreUnavailableError) return error;
    if (!(error instanceof ReplyError)) {
      return this.#unavailable('the connection broke', CLIENT_STATES.test(error.message) ? undefined : error);
    }
    return refusal(error) === undefined ? error : this.#unavailable(error.message, error);
  }

  #unavailable(what: string, cause: Error | undefined = this.#lastError): SessionStoreUnavailableError {
    const reason = cause && refusal(cause);
    // While the rest of a Cluster serves, a part that does not is no reason to ask none of it.
    const is_away = reason === undefined && !(this.client instanceof Cluster && this.client.status === 'ready');
    const message = reason
      ? `${this.name} ${reason} (${describe(cause)}).`
      : `${this.name} is away: ${cause ? describe(cause) : what}. Check that it runs and that the redis settings are right; sessions work again once it is back.`;
    return new SessionStoreUnavailableError(message, { cause, is_away });
  }
}

function createClient(target: RedisTarget): RedisClient {
  const login = { username: target.username, password: target.password, tls: target.tls };
  const single = {
    ...CONNECTION_OPTIONS,
    ...login,
    retryStrategy: retryDelay,
    // Waiting is RedisConnection's: a queue would send commands whose callers were told that they failed.
    enableOfflineQueue: false,
    // After a failover the old primary only reads: connect anew to find the new one.
    reconnectOnError: (error: Error) => /(^|-)READONLY/.test(error.message),
  };
  switch (target.mode) {
    case 'standalone':
      return new Redis({ ...single, host: target.host, port: target.port, db: target.db });
    case 'sentinel':
      return new Redis({
        ...single,
        name: target.name,
        sentinels: target.sentinels,
        sentinelRetryStrategy: retryDelay,
        sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
        sentinelUsername: target.sentinel_login.username,
        sentinelPassword: target.sentinel_login.password,
        sentinelTLS: login.tls,
        enableTLSForSentinelMode: target.tls !== undefined,
        failoverDetector: true,
      });
    case 'cluster':
      return new Cluster(target.nodes, {
        redisOptions: { ...CONNECTION_OPTIONS, ...login },
        clusterRetryStrategy: retryDelay,
        // Nor here; commands to a node that is just being connected to are tried again after 100 ms.
        enableOfflineQueue: false,
        // Certificates are for names: a lookup would leave only the address to compare with.
        ...(target.tls ? { dnsLookup: (address, done) => done(null, address) } : {}),
      });
    default:
      return assertNever(target);
  }
}

const refusal = (error: Error): string | undefined => REFUSALS.find(([pattern]) => pattern.test(error.message))?.[1];

/** Node leaves the message empty when several addresses of a host were tried. */
function describe(error: Error): string {
  if (error.message !== '') return error.message.replace(/\.$/, '');
  return 'code' in error ? String(error.code) : error.name;
}

async function withTimeout<T>(work: Promise<T>, timeout_ms: number, onTimeout: () => Error): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const handle = setTimeout(() => timer.reject(onTimeout()), timeout_ms);
  try {
    return await Promise.race([work, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}
