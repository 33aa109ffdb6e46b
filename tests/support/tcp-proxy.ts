/** A TCP proxy on the loopback interface that can misbehave as networks do. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type ProxyMode =
  /** Passes everything on. */
  | 'forward'
  /** Takes a connection and ends it, as a balancer does when nothing is behind it. */
  | 'hang_up'
  /** Takes connections and keeps those that are there, and passes nothing on: packets are lost on the way. */
  | 'silent';

export interface ProxyOptions {
  /** Changes what the server says. */
  rewrite?: (chunk: Buffer) => Buffer;
}

export class TcpProxy {
  mode: ProxyMode = 'forward';
  /** Connections taken since the start. */
  accepted = 0;
  readonly #clients = new Set<Socket>();
  // A silent network does not answer a goodbye either.
  readonly #server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  readonly #target: number;
  readonly #options: ProxyOptions;

  private constructor(target: number, options: ProxyOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** Starts one in front of a port of this machine. */
  static async to(target: number, options: ProxyOptions = {}): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection, without a word to either side. */
  hangUp(): void {
    for (const client of this.#clients) client.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    client.on('error', () => {}); // Its end is what counts.
    if (this.mode === 'hang_up') {
      client.destroy();
      return;
    }
    this.#clients.add(client);
    const server = connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    server.on('error', () => {});
    client.on('data', (chunk) => this.#pass(() => server.write(chunk)));
    client.on('end', () => this.#pass(() => server.end()));
    server.on('data', (chunk) => this.#pass(() => client.write(this.#options.rewrite?.(chunk) ?? chunk)));
    server.on('end', () => this.#pass(() => client.end()));
    client.on('close', () => {
      this.#clients.delete(client);
      server.destroy();
    });
    server.on('close', () => this.#pass(() => client.destroy()));
  }

  #pass(on: () => void): void {
    if (this.mode !== 'silent') on();
  }
}
