/** Embedded databases for tests, each on a folder of its own, without waiting for initdb every time. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from '../../src-main/storage/embedded/embedded-postgres.ts';

const CACHE = join(import.meta.dirname, '../../node_modules/.cache/archon-test-clusters');
export const silent = pino({ level: 'silent' });

/**
 * Where test databases lie: in memory if there is room, as every commit waits for the disk, and other tests use it too.
 * What is tested survives the loss of a process, not of power, so it makes no other difference.
 */
function scratch(): string {
  const MEMORY = '/dev/shm';
  const NEEDED_BYTES = 2 * 1024 ** 3;
  if (!existsSync(MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > NEEDED_BYTES ? MEMORY : tmpdir();
}

/** A new folder that lasts until `remove` is called. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(scratch(), 'archon-embedded-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Copies an empty cluster to `cluster_dir`. Made once per version of PGlite; by whichever test comes first. */
export async function copyEmptyCluster(cluster_dir: string): Promise<void> {
  const template = join(CACHE, `pglite-${pgliteVersion()}`);
  if (!existsSync(template)) await makeTemplate(template);
  cpSync(template, cluster_dir, { recursive: true });
}

/** A running embedded database, on a new folder unless the options name one. */
export async function startEmbedded(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedDatabase> {
  const folder = options.cluster_dir === undefined ? temporaryFolder() : null;
  const cluster_dir = options.cluster_dir ?? join(folder?.path ?? '', 'pg');
  if (folder) await copyEmptyCluster(cluster_dir);
  const postgres = new EmbeddedPostgres({ logger: silent, ...options, cluster_dir });
  await postgres.start();
  return new EmbeddedDatabase(postgres, cluster_dir, () => folder?.remove());
}

export class EmbeddedDatabase {
  readonly postgres: EmbeddedPostgres;
  readonly cluster_dir: string;
  readonly pool: pg.Pool;
  readonly #removeFolder: () => void;
  readonly #clients: pg.Client[] = [];
  #closed = false;

  constructor(postgres: EmbeddedPostgres, cluster_dir: string, removeFolder: () => void) {
    this.postgres = postgres;
    this.cluster_dir = cluster_dir;
    this.pool = new pg.Pool({ ...postgres.poolConfig, max: 4 });
    this.pool.on('error', () => {}); // Expected when a test takes the database away.
    this.#removeFolder = removeFolder;
  }

  /** A connection of its own; closed with the database. */
  async client(config: pg.ClientConfig & { pipeline?: boolean } = {}): Promise<pg.Client> {
    const client = new pg.Client({ ...this.postgres.poolConfig, ...config });
    client.on('error', () => {}); // Seen by the query that was running.
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  /** May be called again, so that a test can leave it to its clean-up. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all(this.#clients.map((client) => client.end().catch(() => {})));
    await this.pool.end();
    await this.postgres.stop();
    this.#removeFolder();
  }
}

async function makeTemplate(template: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const making = mkdtempSync(join(CACHE, 'making-'));
  const postgres = new EmbeddedPostgres({ cluster_dir: join(making, 'pg'), logger: silent });
  await postgres.start();
  await postgres.stop();
  try {
    renameSync(join(making, 'pg'), template);
  } catch (error) {
    if (!existsSync(template)) throw error; // Another test file was faster; its template is as good.
  }
  rmSync(making, { recursive: true, force: true });
}

function pgliteVersion(): string {
  const manifest = join(import.meta.dirname, '../../node_modules/@electric-sql/pglite/package.json');
  return String((JSON.parse(readFileSync(manifest, 'utf8')) as { version: unknown }).version);
}
