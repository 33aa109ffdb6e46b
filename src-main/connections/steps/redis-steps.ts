/** Looks at a Redis server, from its name to its latency. */
import { Redis } from 'ioredis';
import { type ConnectionStep, type ConnectionStepName, REDIS_STEPS } from '../../../src-contract/index.ts';
import type { RedisServerSettings } from '../connection-settings.ts';
import { tlsOptions } from '../tls-options.ts';
import { lookUp, reach, secure } from './network.ts';
import { failed, leftOut, median, ok, type StepContext, type StepOutcome, step, warning } from './step.ts';

const LEAST_MAJOR = 7;
const PINGS = 5;
const after = (name: (typeof REDIS_STEPS)[number]): readonly ConnectionStepName[] =>
  REDIS_STEPS.slice(REDIS_STEPS.indexOf(name) + 1);

export async function* redisSteps(
  settings: RedisServerSettings,
  context: StepContext,
): AsyncGenerator<ConnectionStep, void> {
  if (!(yield* step('redis_dns', context, () => lookUp(settings)))) return yield* leftOut(after('redis_dns'));
  if (!(yield* step('redis_tcp', context, (signal) => reach(settings, signal)))) {
    return yield* leftOut(after('redis_tcp'));
  }
  const secured = yield* step('redis_tls', context, (signal) => secure(settings, settings.tls, 'redis', signal));
  if (!secured) return yield* leftOut(after('redis_tls'));
  const client = createClient(settings, context.limit_ms);
  let lastError: Error | undefined;
  client.on('error', (error: Error) => {
    lastError = error;
  });
  try {
    const isIn = yield* step('redis_login', context, async () => {
      try {
        await client.connect();
        await client.ping();
      } catch (error) {
        return loginRefused(lastError ?? error);
      }
      return ok(settings.username === null ? 'let in' : `as ${settings.username}`);
    });
    if (!isIn) return yield* leftOut(after('redis_login'));
    yield* step('redis_version', context, () => checkServer(client));
    yield* step('redis_latency', context, () => checkLatency(client));
  } finally {
    client.disconnect();
  }
}

function createClient({ host, port, db, username, password, tls }: RedisServerSettings, limit_ms: number): Redis {
  const secured = tlsOptions(tls);
  return new Redis({
    host,
    port,
    db,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(secured === undefined ? {} : { tls: secured }),
    lazyConnect: true,
    connectionName: 'archon-test',
    connectTimeout: limit_ms,
    commandTimeout: limit_ms,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
}

/** https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/ */
function loginRefused(error: unknown): StepOutcome {
  const message = error instanceof Error ? error.message : String(error);
  if (/WRONGPASS|invalid username-password|invalid password/i.test(message)) {
    return failed(
      'Redis refuses the user or the password.',
      'Check both; without a user the password is that of "default".',
    );
  }
  if (/NOAUTH/i.test(message))
    return failed('Redis asks for a password.', 'Give the password, and the user if there is one.');
  if (/NOPERM/i.test(message)) {
    return failed(
      'The user may not do what sessions need.',
      'Extend its rules: ACL SETUSER … ~archon:* &* +@all -@dangerous.',
    );
  }
  if (/without any password configured/i.test(message)) {
    return failed(
      'Redis has no password, and one was given.',
      'Leave the password out, or set one there (requirepass).',
    );
  }
  if (/DB index is out of range|SELECT is not allowed/i.test(message)) {
    return failed('There is no database of that number.', 'Use 0, or raise "databases" in the configuration of Redis.');
  }
  throw error;
}

async function checkServer(client: Redis): Promise<StepOutcome> {
  let info: Map<string, string>;
  try {
    info = fieldsOf(await client.info());
  } catch (error) {
    if (!(error instanceof Error) || !/NOPERM/.test(error.message)) throw error;
    return warning('The version is not known: the user may not ask (INFO).', 'Allow it: ACL SETUSER … +info.');
  }
  const version = info.get('redis_version') ?? 'unknown';
  const valkey = info.get('valkey_version');
  const detail = valkey === undefined ? `Redis ${version}` : `Valkey ${valkey}`;
  if (Number(version.split('.')[0]) < LEAST_MAJOR) return failed(detail, 'Archon needs Redis 7 or newer: update it.');
  if (info.get('cluster_enabled') === '1') {
    return failed(
      `${detail}, a node of a Cluster`,
      'Profiles know single servers: set redis.cluster_nodes in the configuration instead, or use another Redis.',
    );
  }
  if (info.get('role') === 'slave') {
    return failed(`${detail}, a replica that takes no writes`, 'Give the address of the primary.');
  }
  const policy = info.get('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction' && info.get('maxmemory') !== '0') {
    return warning(
      `${detail}; it drops sessions when memory is short (maxmemory-policy ${policy})`,
      'Set maxmemory-policy noeviction there: then it says that it is full instead.',
    );
  }
  return ok(detail);
}

function fieldsOf(info: string): Map<string, string> {
  return new Map(
    info.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );
}

async function checkLatency(client: Redis): Promise<StepOutcome> {
  const times: number[] = [];
  for (let ping = 0; ping < PINGS; ping += 1) {
    const began_ms = performance.now();
    await client.ping();
    times.push(performance.now() - began_ms);
  }
  return ok(`${median(times).toFixed(1)} ms for a round trip, in the middle of ${PINGS}`);
}
