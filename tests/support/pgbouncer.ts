/** A real PgBouncer before a PostgreSQL server. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { untilReady } from './postgres-server.ts';
import { serviceAvailable } from './real-services.ts';

/** It refuses to run as root; `nobody` has this id on Linux. */
const NOBODY = 65_534;

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
  await untilReady('PgBouncer', `postgres://${user}@127.0.0.1:${port}/${database}`, () => child.exitCode);
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
