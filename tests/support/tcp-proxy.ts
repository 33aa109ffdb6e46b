/** A TCP proxy on the loopback interface that can misbehave as networks do, and stop doing so, at any time. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type ProxyMode =
  /** Passes everything on. */
  | 'forward'
  /** Takes a connection and ends it, as a balancer does when nothing is behind it. */
  | 'hang_up'
  /**
   * Takes connections and keeps those that are there, and passes nothing on. What is sent meanwhile arrives afterwards, as
   * TCP sends again what was lost, also when whoever sent it has given up: it never leaves a hole in what is said.
   */
  | 'silent'
  /** Passes on what is asked and resets the connection where the answer should come: what was asked is done. */
  | 'reset_answers';

export interface ProxyOptions {
  /** Changes what the server says. */
  rewrite?: (chunk: Buffer) => Buffer;
}

export class TcpProxy {
  #mode: ProxyMode = 'forward';
  /** Milliseconds by which everything arrives later, each way. */
  delay_ms = 0;
  /** What a connection carries, each way. */
  bytes_per_second = Number.POSITIVE_INFINITY;
  /** Connections taken since the start. */
  accepted = 0;
  readonly #clients = new Set<Socket>();
  readonly #lanes = new Set<Lane>();
  readonly #target: number;
  readonly #options: ProxyOptions;
  #server: Server;
  #port = 0;

  private constructor(target: number, options: ProxyOptions) {
    this.#target = target;
    this.#options = options;
    this.#server = this.#newServer();
  }

  /** Starts one in front of a port of this machine. */
  static async to(target: number, options: ProxyOptions = {}): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, options);
    await proxy.#listen();
    return proxy;
  }

  get mode(): ProxyMode {
    return this.#mode;
  }

  set mode(mode: ProxyMode) {
    this.#mode = mode;
    if (mode !== 'silent') this.#hurry();
  }

  get port(): number {
    return this.#port;
  }

  /** Ends every connection, without a word to either side. */
  hangUp(): void {
    for (const client of this.#clients) client.destroy();
  }

  /** Nobody listens any more: every connection is refused, and those that are there end. */
  async refuse(): Promise<void> {
    if (!this.#server.listening) return;
    this.hangUp();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Everything is passed on again as before. */
  async heal(): Promise<void> {
    this.delay_ms = 0;
    this.bytes_per_second = Number.POSITIVE_INFINITY;
    this.mode = 'forward';
    if (this.#server.listening) return;
    this.#server = this.#newServer();
    await this.#listen();
  }

  async close(): Promise<void> {
    await this.refuse();
  }

  /** What was held up on the way comes at once: a queue that a jam has left would be another jam. */
  #hurry(): void {
    for (const lane of this.#lanes) lane.hurry();
  }

  #newServer(): Server {
    // A silent network does not answer a goodbye either.
    return createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
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
    const [there, back] = [new Lane(this), new Lane(this)];
    this.#lanes.add(there).add(back);
    client.on('data', (chunk) => there.pass(chunk.length, () => server.write(chunk)));
    client.on('end', () => there.pass(0, () => server.end()));
    server.on('data', (chunk) => {
      if (this.mode === 'reset_answers') client.resetAndDestroy();
      else back.pass(chunk.length, () => client.write(this.#options.rewrite?.(chunk) ?? chunk));
    });
    server.on('end', () => back.pass(0, () => client.end()));
    client.on('close', () => {
      this.#clients.delete(client);
      this.#lanes.delete(there);
      this.#lanes.delete(back);
      server.destroy();
    });
    server.on('close', () => back.pass(0, () => client.destroy()));
  }
}

/** One way of a connection: what is sent first arrives first. */
class Lane {
  readonly #proxy: TcpProxy;
  readonly #waiting: { due_ms: number; on: () => void }[] = [];
  /** When the last of them has arrived. */
  #last_ms = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(proxy: TcpProxy) {
    this.#proxy = proxy;
  }

  pass(bytes: number, on: () => void): void {
    const { delay_ms, bytes_per_second, mode } = this.#proxy;
    const now_ms = performance.now();
    const due_ms = Math.max(this.#last_ms, now_ms + delay_ms) + (bytes / bytes_per_second) * 1000;
    this.#last_ms = due_ms;
    if (this.#waiting.length === 0 && due_ms <= now_ms && mode !== 'silent') {
      on();
      return;
    }
    this.#waiting.push({ due_ms, on });
    if (this.#waiting.length === 1) this.#wait(due_ms - now_ms);
  }

  /** Nothing is waited for any longer. */
  hurry(): void {
    clearTimeout(this.#timer);
    this.#last_ms = 0;
    for (const { on } of this.#waiting.splice(0)) on();
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => {
      // Until it is told to hurry.
      if (this.#proxy.mode === 'silent') return;
      this.#waiting.shift()?.on();
      const [next] = this.#waiting;
      if (next) this.#wait(Math.max(0, next.due_ms - performance.now()));
    }, ms);
    this.#timer.unref();
  }
}
