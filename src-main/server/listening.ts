/** The address the server is at, and how it moves to another while requests run. */
import type { Logger } from 'pino';
import { localUrl } from './bind-rules.ts';
import type { ListenPlan } from './listen-plan.ts';
import { isTaken, Listener, type ListenerOptions } from './listener.ts';

export interface ServerAddress {
  /** Where agents reach the server. */
  url: string;
  /** Where this computer reaches it without TLS: for the command line, which need not know the certificate. */
  local_url: string;
  port: number;
}

interface Bound {
  plan: ListenPlan;
  address: ServerAddress;
  /** That of the address, and with TLS another for this computer. */
  listeners: Listener[];
}

export interface ListeningDeps {
  logger: Logger;
  listener: Omit<ListenerOptions, 'host' | 'port' | 'tls' | 'logger'>;
  /** Milliseconds that what runs has to finish. */
  drain_ms: number;
  /** What came through these is to end within the time: WebSockets. */
  onLeaving(listeners: readonly Listener[]): Promise<void>;
}

export class Listening {
  readonly #deps: ListeningDeps;
  #bound: Bound | undefined;
  /** Addresses that were left, until their last connection has ended. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(deps: ListeningDeps) {
    this.#deps = deps;
  }

  get address(): ServerAddress | undefined {
    return this.#bound?.address;
  }

  /**
   * The new address takes connections before the old one stops to, where the two can be held at once. When the new one
   * cannot be had, the server stays where it is.
   *
   * @throws ListenRefusedError
   */
  async moveTo(plan: ListenPlan): Promise<ServerAddress> {
    const before = this.#bound;
    if (before?.plan.key === plan.key) return before.address;
    try {
      this.#bound = await this.#open(plan);
    } catch (error) {
      if (before === undefined || !isTaken(error) || before.address.port !== plan.port) throw error;
      // The port is our own: another host or protocol at it needs it to be free.
      this.#bound = await this.#takeOver(before, plan);
      return this.#bound.address;
    }
    if (before) this.#leave(before);
    return this.#bound.address;
  }

  /** Takes no more connections, and lets what runs finish. */
  async stop(): Promise<void> {
    if (this.#bound) this.#leave(this.#bound);
    this.#bound = undefined;
    await Promise.all(this.#leaving);
  }

  async #takeOver(before: Bound, plan: ListenPlan): Promise<Bound> {
    this.#leave(before);
    this.#bound = undefined;
    try {
      return await this.#open(plan);
    } catch (error) {
      // The very port, also where any free one was asked for.
      const back = await this.#open({ ...before.plan, port: before.address.port });
      this.#bound = { ...back, plan: before.plan };
      throw error;
    }
  }

  async #open(plan: ListenPlan): Promise<Bound> {
    const { host, port, tls } = plan;
    const main = await this.#listen({ host, port, tls });
    const url = localUrl(tls ? 'https' : 'http', host, main.port);
    if (!tls) return { plan, listeners: [main], address: { url, local_url: url, port: main.port } };
    try {
      const local = await this.#listen({ host: '127.0.0.1', port: 0, tls: undefined });
      const local_url = localUrl('http', '127.0.0.1', local.port);
      return { plan, listeners: [main, local], address: { url, local_url, port: main.port } };
    } catch (error) {
      await main.close();
      throw error;
    }
  }

  async #listen(at: Pick<ListenerOptions, 'host' | 'port' | 'tls'>): Promise<Listener> {
    const listener = new Listener({ ...this.#deps.listener, ...at, logger: this.#deps.logger });
    await listener.open();
    return listener;
  }

  #leave({ listeners }: Bound): void {
    const { drain_ms, onLeaving } = this.#deps;
    const cut = setTimeout(() => {
      for (const listener of listeners) listener.cut();
    }, drain_ms);
    const left = Promise.all([onLeaving(listeners), ...listeners.map((listener) => listener.close())]).then(() => {
      clearTimeout(cut);
      this.#leaving.delete(left);
    });
    this.#leaving.add(left);
  }
}
