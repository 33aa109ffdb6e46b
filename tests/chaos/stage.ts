/** The processes of a chaos run on one store, and how each of them is killed. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src-main/storage/embedded/embedded-postgres.ts';
import { DataFolder } from '../support/cli-process.ts';
import { until } from '../support/delivery-nodes.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { silentLogger } from '../support/test-databases.ts';
import type { Fault, FaultKind } from './fault-plan.ts';
import { KeptProcess } from './kept-process.ts';
import type { Door } from './publisher.ts';

const PRELOADED = pathToFileURL(join(import.meta.dirname, 'serve-with-subscribers.ts'));
/** Two, so that one goes on where the other was. */
const SERVERS = 2;

export const STORES = ['postgres', 'embedded'] as const;
export type Store = (typeof STORES)[number];

export interface StageOptions {
  /** Of the run: effects and acknowledgements lie there. */
  folder: string;
  seed: number;
  /** URL that a webhook leads to. */
  receiver: string;
}

export interface Stage {
  /** What can be killed. */
  readonly kinds: readonly FaultKind[];
  readonly servers: readonly KeptProcess<Door>[];
  readonly worker: KeptProcess | undefined;
  strike(fault: Fault): Promise<void>;
  /** Connects to the database past the engine, once the processes are stopped. */
  connect(): Promise<pg.Client>;
  remove(): Promise<void>;
}

export async function openStage(store: Store, options: StageOptions): Promise<Stage> {
  return store === 'postgres' ? await openPostgresStage(options) : openEmbeddedStage(options);
}

/** Settings with which a failure is over in seconds, and a receiver on this machine may be called. */
function settingsFor({ folder, seed }: StageOptions): Record<string, string> {
  return {
    CHAOS_FOLDER: folder,
    CHAOS_SEED: String(seed),
    NODE_OPTIONS: `--import=${PRELOADED}`,
    ARCHON_LOG_LEVEL: 'error',
    ARCHON_SERVER_UI: 'false',
    // The same on all nodes: each opens the secrets of webhooks.
    ARCHON_SECRET_KEY: 'a passphrase of the chaos run',
    ARCHON_BACKUP_INTERVAL_HOURS: '0',
    ARCHON_WORKERS_LEASE_SECONDS: '2',
    ARCHON_EVENTS_WEBHOOKS_ALLOW_PRIVATE: 'true',
    ARCHON_EVENTS_WEBHOOK_TIMEOUT_SECONDS: '1',
    ARCHON_EVENTS_RETRY_FIRST_SECONDS: '1',
    ARCHON_EVENTS_RETRY_FACTOR: '1.5',
    ARCHON_EVENTS_RETRY_MAX_SECONDS: '3',
    ARCHON_EVENTS_RETRY_ATTEMPTS: '8',
  };
}

function keepServer(name: string, data: DataFolder, env: Record<string, string>): KeptProcess<Door> {
  return new KeptProcess(name, async () => {
    const running = await data.serve([], env);
    const { url, token, pid } = data.serverFile();
    return { ...running, facts: { name, url, token, pid } };
  });
}

async function openPostgresStage(options: StageOptions): Promise<Stage> {
  const postgres = await startPostgres();
  const url = await postgres.createDatabase('archon');
  const env = { ...settingsFor(options), ARCHON_DATABASE_URL: url, ARCHON_DATABASE_POOL_SIZE: '6' };
  const folders = Array.from({ length: SERVERS + 1 }, () => new DataFolder());
  const [workerFolder, ...serverFolders] = folders;
  // The runs of workers are left to the node that is there for them.
  const serverEnv = { ...env, ARCHON_WORKERS_ENABLED: 'false' };
  const servers = serverFolders.map((data, at) =>
    keepServer(`server ${at + 1}`, data, { ...serverEnv, ...(at === 0 ? { CHAOS_RECEIVER: options.receiver } : {}) }),
  );
  const worker = new KeptProcess('worker', () => (workerFolder ?? new DataFolder()).work([], env));
  return {
    kinds: ['server', 'worker', 'PostgreSQL', 'listener'],
    servers,
    worker,
    strike: async ({ kind, pick, away_ms }) => {
      switch (kind) {
        case 'server':
          return await pickOf(servers, pick).kill();
        case 'worker':
          return await worker.kill();
        case 'PostgreSQL':
          await postgres.stop('SIGQUIT');
          await wait(away_ms);
          return await postgres.restart();
        case 'listener':
          return await endListener(url, pick);
        case 'database thread':
          throw new Error('PostgreSQL has no thread of ours');
      }
    },
    connect: async () => {
      const client = new pg.Client(url);
      await client.connect();
      return client;
    },
    remove: async () => {
      await Promise.all([...servers, worker].map((one) => one.abandon()));
      await Promise.all(folders.map((data) => data.remove()));
      await postgres.remove();
    },
  };
}

/** Ends the connection on which a node hears of events of the others. */
async function endListener(url: string, pick: number): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    let pids: number[] = [];
    await until('somebody listens', async () => {
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN %' ORDER BY pid`,
      );
      pids = rows.map(({ pid }) => pid);
      return pids.length > 0;
    });
    await client.query('SELECT pg_terminate_backend($1)', [pickOf(pids, pick)]);
  } finally {
    await client.end();
  }
}

function openEmbeddedStage(options: StageOptions): Stage {
  const data = new DataFolder();
  const server = keepServer('server', data, { ...settingsFor(options), CHAOS_RECEIVER: options.receiver });
  let database: EmbeddedPostgres | undefined;
  return {
    kinds: ['server', 'database thread'],
    servers: [server],
    worker: undefined,
    strike: async ({ kind }) => {
      const { facts } = await server.whenUp();
      if (kind === 'server') return await server.kill();
      // The serving process goes on without its database, until that has started again.
      process.kill(facts.pid, 'SIGUSR2');
    },
    connect: async () => {
      database = new EmbeddedPostgres({ cluster_dir: join(data.path, 'postgres'), logger: silentLogger });
      await database.start();
      const client = new pg.Client(database.poolConfig);
      await client.connect();
      return client;
    },
    remove: async () => {
      await server.abandon();
      await database?.stop();
      await data.remove();
    },
  };
}

function pickOf<T>(list: readonly T[], pick: number): T {
  const one = list[Math.floor(pick * list.length)];
  if (one === undefined) throw new Error('there is nothing to pick from');
  return one;
}
