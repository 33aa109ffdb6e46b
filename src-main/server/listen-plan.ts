/** Where the settings say to listen. */
import { readFileSync } from 'node:fs';
import type { Config, ConfigName } from '../settings/config-schema.ts';
import { checkBind, ListenRefusedError } from './bind-rules.ts';
import type { TlsFiles } from './listener.ts';

/** The settings an address is made of. */
export const ADDRESS_KEYS = [
  'server.host',
  'server.port',
  'server.allow_remote',
  'server.tls_cert_file',
  'server.tls_key_file',
] as const satisfies readonly ConfigName[];

export interface ListenPlan {
  host: string;
  port: number;
  tls: TlsFiles | undefined;
  /** Plans with the same key are for the same address. */
  key: string;
}

/** @throws ListenRefusedError when it would be unsafe, or a TLS file cannot be read */
export function listenPlan(config: Readonly<Config>): ListenPlan {
  checkBind(config);
  const host = config['server.host'];
  const port = config['server.port'];
  const tls = readTlsFiles(config);
  const key = JSON.stringify([host, port, tls && [config['server.tls_cert_file'], config['server.tls_key_file']]]);
  return { host, port, tls, key };
}

function readTlsFiles(config: Readonly<Config>): TlsFiles | undefined {
  const cert = config['server.tls_cert_file'];
  const key = config['server.tls_key_file'];
  if (cert === null || key === null) return undefined;
  const read = (name: string, path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new ListenRefusedError(`${name}: ${path} cannot be read.`, { cause: error });
    }
  };
  return { cert: read('server.tls_cert_file', cert), key: read('server.tls_key_file', key) };
}
