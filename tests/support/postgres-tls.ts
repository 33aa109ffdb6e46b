/** A real PostgreSQL server that also speaks TLS and asks one of its users for a password. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type PostgresServer, postgresAvailable, startPostgres } from './postgres-server.ts';
import { serviceAvailable } from './real-services.ts';

const NOBODY = 65_534;
const openssl = spawnSync('openssl', ['version']).status === 0 ? 'openssl' : undefined;

export const postgresTlsAvailable =
  postgresAvailable && serviceAvailable('PostgreSQL with TLS', openssl, 'apt-get install openssl');

export interface PostgresTlsServer {
  server: PostgresServer;
  /** Of localhost; nobody trusts it yet. */
  certificate: string;
  /** Has to give the password. */
  user: string;
  password: string;
  remove(): Promise<void>;
}

export async function startPostgresTls(): Promise<PostgresTlsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'archon-postgres-tls-'));
  const [key, cert, hba] = ['key.pem', 'cert.pem', 'hba.conf'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '90', '-subj', '/CN=localhost'];
  const files = ['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert];
  const made = spawnSync('openssl', [...request, ...files], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`openssl failed: ${made.stderr}`);
  const user = 'keeper';
  // A password that no URL takes as it is.
  const password = 'p@ss/w#rd?1';
  writeFileSync(hba, `host all ${user} 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n`);
  for (const path of [folder, key, cert, hba]) {
    if (process.getuid?.() === 0) chownSync(path, NOBODY, NOBODY);
  }
  chmodSync(key, 0o600);
  const server = await startPostgres({ ssl: 'on', ssl_cert_file: cert, ssl_key_file: key, hba_file: hba });
  const client = new pg.Client(`${server.url}/postgres`);
  await client.connect();
  await client.query(`CREATE ROLE ${user} LOGIN SUPERUSER PASSWORD '${password}'`);
  await client.end();
  return {
    server,
    certificate: readFileSync(cert, 'utf8'),
    user,
    password,
    remove: async () => {
      await server.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
