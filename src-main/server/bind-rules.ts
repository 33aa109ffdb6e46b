/** Where the server may listen, and under which names it answers there. */
import { isIP } from 'node:net';
import { isSafeBind } from '../settings/check-value.ts';
import type { Config } from '../settings/config-schema.ts';
import { isLoopback } from '../settings/loopback.ts';

/** The configuration asks for something that would be unsafe or cannot work; the message says what to do. */
export class ListenRefusedError extends Error {
  override readonly name = 'ListenRefusedError';
}

/** Refuses an address other machines can reach unless it is encrypted or the operator says that a proxy does it. */
export function checkBind(config: Readonly<Config>): void {
  if (isSafeBind(config)) return;
  throw new ListenRefusedError(
    `server.host is ${config['server.host']}, an address other machines can reach, and tokens would cross the network in the clear. ` +
      'Set server.tls_cert_file and server.tls_key_file, or, when a proxy in front of it does the encryption, ' +
      'server.allow_remote (--server-allow-remote).',
  );
}

/**
 * True when a Host header may be answered.
 *
 * A page on the web can make its own name point to 127.0.0.1 (DNS rebinding) and so reach a loopback server from the
 * browser; the Host header gives it away. Servers on other addresses have names we do not know.
 */
export function isAllowedHost(header: string | undefined, boundHost: string): boolean {
  if (!isLoopback(boundHost)) return true;
  if (header === undefined) return false;
  const name = /^(\[[0-9a-f:.]+\]|[^:]*)(:\d{1,5})?$/i.exec(header.trim())?.[1];
  return name !== undefined && name !== '' && isLoopback(name);
}

/** URL under which this computer reaches a server bound to `host`. */
export function localUrl(protocol: 'http' | 'https', host: string, port: number): string {
  const bare = host.replace(/^\[|\]$/g, '');
  const reachable = bare === '0.0.0.0' ? '127.0.0.1' : bare === '::' ? '::1' : bare;
  return `${protocol}://${isIP(reachable) === 6 ? `[${reachable}]` : reachable}:${port}`;
}
