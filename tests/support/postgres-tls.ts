/** A real PostgreSQL server that also speaks TLS and asks one of its users for a password. */
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makeCertificates, opensslAvailable } from './certificates.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from './postgres-server.ts';

const NOBODY = 65_534;

export const postgresTlsAvailable = postgresAvailable && opensslAvailable;

export interface PostgresTlsServer {
  server: PostgresServer;
  /** The authority that signed its certificate, which is of localhost; nobody trusts it yet. */
  ca: string;
  /** Has to give the password. */
  user: string;
  password: string;
  remove(): Promise<void>;
}

export async function startPostgresTls(): Promise<PostgresTlsServer> {
  const { ca, good } = makeCertificates();
  const folder = mkdtempSync(join(tmpdir(), 'archon-postgres-tls-'));
  const user = 'keeper';
  // A password that no URL takes as it is.
  const password = 'p@ss/w#rd?1';
  const keep = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    if (process.getuid?.() === 0) chownSync(path, NOBODY, NOBODY);
    return path;
  };
  const cert = keep('cert.pem', good.cert);
  const key = keep('key.pem', good.key);
  const hba = keep('hba.conf', `host all ${user} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n`);
  if (process.getuid?.() === 0) chownSync(folder, NOBODY, NOBODY);
  const server = await startPostgres({ ssl: 'on', ssl_cert_file: cert, ssl_key_file: key, hba_file: hba });
  const client = new pg.Client(`${server.url}/postgres`);
  await client.connect();
  await client.query(`CREATE ROLE ${user} LOGIN SUPERUSER PASSWORD '${password}'`);
  await client.end();
  return {
    server,
    ca,
    user,
    password,
    remove: async () => {
      await server.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
