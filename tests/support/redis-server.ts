/** Real Redis servers for tests: one, a Cluster of three, or a primary and a replica under a Sentinel. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { serviceAvailable } from './real-services.ts';

const START_LIMIT_MS = 20_000;
const CLUSTER_SLOTS = 16_384;
const PRIMARY_NAME = 'archon-test';

export interface RedisServer {
  port: number;
  url: string;
  /** Ends it in order, or as a crash would. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts again on the same port and data. */
  restart(): Promise<void>;
  /** Keeps its connections open and answers nothing, as a server behind a dead link. */
  freeze(): void;
  thaw(): void;
  /** Stops and removes the data. */
  remove(): Promise<void>;
}

export interface RedisCluster {
  servers: RedisServer[];
  /** host:port of each. */
  nodes: string[];
  remove(): Promise<void>;
}

export interface RedisSentinel {
  /** host:port of each. */
  sentinels: string[];
  /** The name under which the Sentinel watches the primary. */
  name: string;
  primary: RedisServer;
  replica: RedisServer;
  remove(): Promise<void>;
}

const redisVersion = (): string | undefined => {
  const answer = spawnSync('redis-server', ['--version'], { encoding: 'utf8' });
  return answer.status === 0 ? answer.stdout : undefined;
};

export const redisAvailable = serviceAvailable('Redis', redisVersion(), 'apt-get install redis-server');

const openssl = spawnSync('openssl', ['version']).status === 0 ? 'openssl' : undefined;
export const redisTlsAvailable =
  redisAvailable && serviceAvailable('Redis with TLS', openssl, 'apt-get install openssl');

/** Starts a new server on a free port. `settings` are given as `--name value`. */
export async function startRedis(settings: Record<string, string> = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'archon-redis-'));
  const port = await freePort();
  const all = { port: String(port), bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no', ...settings };
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
  return await serverOf(port, folder, args);
}

/** A server that also speaks TLS, with a certificate for localhost that nobody trusts yet. */
export async function startRedisTls(): Promise<{ server: RedisServer; tls_url: string; certificate: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'archon-redis-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const made = spawnSync('openssl', [
    ...request,
    '-addext',
    'subjectAltName=DNS:localhost',
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  if (made.status !== 0) throw new Error(`openssl failed: ${made.stderr}`);
  const tls_port = await freePort();
  const server = await startRedis({
    'tls-port': String(tls_port),
    'tls-cert-file': cert,
    'tls-key-file': key,
    'tls-auth-clients': 'no',
  });
  const certificate = readFileSync(cert, 'utf8');
  rmSync(folder, { recursive: true });
  return { server, tls_url: `rediss://localhost:${tls_port}`, certificate };
}

/** Three primaries that share the slots. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const bus_ports = await Promise.all([freePort(), freePort(), freePort()]);
  const servers = await Promise.all(
    bus_ports.map((bus_port) =>
      startRedis({ appendonly: 'yes', 'cluster-enabled': 'yes', 'cluster-port': String(bus_port) }),
    ),
  );
  const clients = servers.map(({ port }) => new Redis(port, '127.0.0.1'));
  try {
    const share = Math.ceil(CLUSTER_SLOTS / servers.length);
    await Promise.all(
      clients.map(async (client, i) => {
        const last = Math.min((i + 1) * share, CLUSTER_SLOTS) - 1;
        await client.call('CLUSTER', 'ADDSLOTSRANGE', String(i * share), String(last));
        await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
      }),
    );
    const [first] = servers;
    for (const client of clients.slice(1)) {
      await client.call('CLUSTER', 'MEET', '127.0.0.1', String(first?.port), String(bus_ports[0]));
    }
    await until(async () => {
      const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
      return infos.every((info) => /cluster_state:ok/.test(info) && /cluster_known_nodes:3/.test(info));
    });
  } finally {
    for (const client of clients) client.disconnect();
  }
  return {
    servers,
    nodes: servers.map(({ port }) => `127.0.0.1:${port}`),
    remove: async () => {
      await Promise.all(servers.map((server) => server.remove()));
    },
  };
}

/**
 * A primary, its replica, and one Sentinel that can promote the replica on its own. With a password, the Sentinel asks
 * for it; the servers behind it do not.
 */
export async function startRedisSentinel(password?: string): Promise<RedisSentinel> {
  const primary = await startRedis({ 'repl-diskless-sync-delay': '0' });
  const replica = await startRedis({ replicaof: `127.0.0.1 ${primary.port}` });
  await untilReplicating(replica);
  const folder = mkdtempSync(join(tmpdir(), 'archon-sentinel-'));
  const port = await freePort();
  const config = join(folder, 'sentinel.conf');
  writeFileSync(
    config,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${PRIMARY_NAME} 127.0.0.1 ${primary.port} 1`,
      `sentinel down-after-milliseconds ${PRIMARY_NAME} 500`,
      `sentinel failover-timeout ${PRIMARY_NAME} 3000`,
      ...(password === undefined ? [] : [`requirepass ${password}`]),
    ].join('\n'),
  );
  const login = password === undefined ? {} : { password };
  const sentinel = await serverOf(port, folder, [config, '--sentinel'], login);
  const client = new Redis(port, '127.0.0.1', login);
  try {
    await until(async () => {
      const replicas = (await client.call('SENTINEL', 'REPLICAS', PRIMARY_NAME)) as string[][];
      return replicas.length === 1 && replicas[0]?.includes('ok') === true;
    });
  } finally {
    client.disconnect();
  }
  return {
    sentinels: [`127.0.0.1:${port}`],
    name: PRIMARY_NAME,
    primary,
    replica,
    remove: async () => {
      await Promise.all([sentinel.remove(), primary.remove(), replica.remove()]);
    },
  };
}

/** Waits until it is so, without end; the time limit of the test is the limit. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

/** Only then does a Sentinel find the replica at once. */
async function untilReplicating(replica: RedisServer): Promise<void> {
  const client = new Redis(replica.port, '127.0.0.1');
  try {
    await until(async () => /master_link_status:up/.test(await client.info('replication')));
  } finally {
    client.disconnect();
  }
}

async function serverOf(
  port: number,
  folder: string,
  args: string[],
  login: { password?: string } = {},
): Promise<RedisServer> {
  let server: ChildProcess | undefined;
  const start = async () => {
    server = spawn('redis-server', args, { cwd: folder, stdio: 'ignore' });
    await untilReady(port, server, login);
  };
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    // A frozen server would not see the order to end; SIGKILL needs nobody's attention.
    if (signal === 'SIGTERM') running.kill('SIGCONT');
    running.kill(signal);
    await ended;
  };
  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    stop,
    restart: start,
    freeze: () => server?.kill('SIGSTOP'),
    thaw: () => server?.kill('SIGCONT'),
    remove: async () => {
      await stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(port: number, server: ChildProcess, login: { password?: string }): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  const client = new Redis(port, '127.0.0.1', { ...login, retryStrategy: () => 20, enableReadyCheck: true });
  client.on('error', () => {});
  try {
    while (client.status !== 'ready') {
      if (server.exitCode !== null) throw new Error(`redis-server ended with code ${server.exitCode} while starting`);
      if (Date.now() > deadline) throw new Error('redis-server did not start in time');
      await sleep(10);
    }
  } finally {
    client.disconnect();
  }
}
