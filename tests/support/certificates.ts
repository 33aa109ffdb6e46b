/** An authority of our own and certificates of servers, good and bad, made with openssl in a folder that goes with them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serviceAvailable } from './real-services.ts';

const openssl = spawnSync('openssl', ['version']).status === 0 ? 'openssl' : undefined;
export const opensslAvailable = serviceAvailable('openssl', openssl, 'apt-get install openssl');

export interface Pair {
  cert: string;
  key: string;
}

export interface Certificates {
  /** The authority that signed all but `self_signed`. */
  ca: string;
  /** An authority that signed none. */
  other_ca: string;
  good: Pair;
  expired: Pair;
  self_signed: Pair;
  wrong_name: Pair;
  /** Of the user `certified`. */
  client: Pair;
}

const CA_CONFIG = `[ca]
default_ca = ours
[ours]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
unique_subject = no
policy = any
copy_extensions = copy
[any]
commonName = supplied
`;

export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'archon-certificates-'));
  const run = (...args: string[]) => {
    const done = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`openssl ${args[0]} failed: ${done.stderr}`);
  };
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const selfSigned = (name: string, subject: string, ...more: string[]): Pair => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
    run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', `/CN=${subject}`, ...more, ...files);
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };
  const signed = (name: string, subject: string, from = 'now', to = '20400101000000Z'): Pair => {
    const files = ['-keyout', `${name}.key`, '-out', `${name}.csr`];
    const names = ['-addext', `subjectAltName=DNS:${subject}`];
    run('req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${subject}`, ...names, ...files);
    const times = [...(from === 'now' ? [] : ['-startdate', from]), '-enddate', to];
    const by = ['-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key'];
    run('ca', '-batch', ...by, ...times, '-in', `${name}.csr`, '-out', `${name}.pem`, '-notext');
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  };
  try {
    writeFileSync(join(folder, 'ca.cnf'), CA_CONFIG);
    writeFileSync(join(folder, 'index.txt'), '');
    writeFileSync(join(folder, 'serial'), '01');
    return {
      ca: selfSigned('ca', 'Archon test authority').cert,
      other_ca: selfSigned('other', 'Another authority').cert,
      good: signed('good', 'localhost'),
      expired: signed('expired', 'localhost', '20200101000000Z', '20200201000000Z'),
      self_signed: selfSigned('self', 'localhost', '-addext', 'subjectAltName=DNS:localhost'),
      wrong_name: signed('wrong', 'other.example'),
      client: signed('client', 'certified'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
