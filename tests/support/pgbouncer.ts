/** A real PgBouncer before a PostgreSQL server. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { serviceAvailable } from './real-services.ts';

/** It refuses to run as root; `nobody` has this id on Linux. */
const NOBODY = 65_534;
const START_LIMIT_MS = 10_000;

const program = ['pgbouncer', '/usr/sbin/pgbouncer'].find((path) => spawnSync(path, ['--version']).status === 0);
export const pgbouncerAvailable = serviceAvailable('PgBouncer', program, 'apt-get install pgbouncer');

export interface PgBouncer {
  port: number;
  stop(): Promise<void>;
}

export async function startPgBouncer(
  server: { port: number },
  { database, user, mode }: { database: string; user: string; mode: 'session' | 'transaction' | 'statement' },
): Promise<PgBouncer> {
  if (program === undefined) throw new Error('no pgbouncer found');
  const folder = mkdtempSync(join(tmpdir(), 'archon-pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  writeFileSync(join(folder, 'users.txt'), `"${user}" ""\n`);
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]
${database} = host=127.0.0.1 port=${server.port} dbname=${database} user=${user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
pool_mode = ${mode}
`,
  );
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(program, [join(folder, 'pgbouncer.ini')], { ...identity, cwd: folder, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await untilReady(`postgres://${user}@127.0.0.1:${port}/${database}`, () => child.exitCode);
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, exitCode: () => number | null): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (exitCode() !== null) throw new Error(`PgBouncer ended with code ${exitCode()} while starting`);
    const client = new pg.Client(url);
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
