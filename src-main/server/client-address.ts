/** Who is at the other end of a request when a proxy stands between. */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * Finds the address a request comes from. `X-Forwarded-For` can be written by anybody, so it is believed only as far as
 * trusted proxies wrote it: from its right end, up to the first address that is none of them.
 */
export class ClientAddresses {
  readonly #proxies: () => readonly string[];
  /** Made of the proxies as they were last asked for. */
  #trusted: { proxies: readonly string[]; list: BlockList } = { proxies: [], list: new BlockList() };

  /** @param trusted_proxies addresses and networks (`10.0.0.0/8`), checked when the configuration is read */
  constructor(trusted_proxies: () => readonly string[]) {
    this.#proxies = trusted_proxies;
  }

  of(request: Pick<IncomingMessage, 'headers' | 'socket'>): string {
    const header = request.headers['x-forwarded-for'];
    const forwarded = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
    let address = plain(request.socket.remoteAddress ?? '');
    while (this.#isTrusted(address)) {
      const before = plain(forwarded.pop() ?? '');
      if (isIP(before) === 0) break;
      address = before;
    }
    return address;
  }

  #isTrusted(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list().check(address, family === 4 ? 'ipv4' : 'ipv6');
  }

  #list(): BlockList {
    const proxies = this.#proxies();
    if (proxies !== this.#trusted.proxies) this.#trusted = { proxies, list: listOf(proxies) };
    return this.#trusted.list;
  }
}

function listOf(proxies: readonly string[]): BlockList {
  const list = new BlockList();
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/', 2);
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** Without the port and brackets some proxies add, and IPv4 as what it is where it comes dressed as IPv6. */
function plain(address: string): string {
  const text = address.trim();
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}
