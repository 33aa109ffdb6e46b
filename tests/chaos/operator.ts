/** What an operator asks the serving processes over HTTP. */
import type { EventSubscriber } from '../../src-contract/index.ts';
import { until } from '../support/delivery-nodes.ts';
import { ACTORS } from './doom.ts';
import type { KeptProcess } from './kept-process.ts';
import type { Door } from './publisher.ts';

export class Operator {
  readonly #servers: readonly KeptProcess<Door>[];

  constructor(servers: readonly KeptProcess<Door>[]) {
    this.#servers = servers;
  }

  /** The serving processes that are up. */
  doors(): Door[] {
    return this.#servers.flatMap(({ running }) => (running ? [running.facts] : []));
  }

  /** Waits until everybody subscribes. @returns the name of the webhook among the subscribers */
  async begin(): Promise<string> {
    let webhook: EventSubscriber | undefined;
    await until('every subscriber is there', async () => {
      const subscribers = await this.#subscribers();
      webhook = subscribers.find(({ kind }) => kind === 'webhook');
      return subscribers.length === ACTORS.length;
    });
    return webhook?.name ?? raise('there is no webhook');
  }

  async newestEvent(): Promise<number> {
    const { items } = await this.#ask<{ items: { id: string }[] }>('/api/events?limit=1');
    return Number(items[0]?.id ?? 0);
  }

  /** Events of sessions that are not in the log yet, and writes that wait for their store, on all nodes. */
  async waitingForLog(): Promise<number> {
    const nodes = await this.#everyone();
    const statuses = await Promise.all(
      nodes.map((node) => this.#ask<{ events_waiting: number | null; writes_waiting: number }>('/api/status', node)),
    );
    return statuses.reduce(
      (sum, { events_waiting, writes_waiting }) => sum + (events_waiting ?? 1) + writes_waiting,
      0,
    );
  }

  /** Runs of workers that wait or go on. */
  async activeRuns(): Promise<number> {
    const { items } = await this.#ask<{ items: { active_runs: unknown[] }[] }>('/api/workers');
    return items.reduce((sum, { active_runs }) => sum + active_runs.length, 0);
  }

  /** Whether everybody has dealt with everything up to an event. */
  async isDelivered(to: number): Promise<boolean> {
    const subscribers = await this.#subscribers();
    return subscribers.every(
      ({ cursor, waiting, delayed, running }) => Number(cursor) >= to && waiting + delayed + running === 0,
    );
  }

  async #subscribers(): Promise<EventSubscriber[]> {
    return (await this.#ask<{ items: EventSubscriber[] }>('/api/events/subscribers')).items;
  }

  async #everyone(): Promise<Door[]> {
    const running = await Promise.all(this.#servers.map((server) => server.whenUp()));
    return running.map(({ facts }) => facts);
  }

  /** Asks the first that is up, or this one. */
  async #ask<T>(path: string, door?: Door): Promise<T> {
    const { url, token } = door ?? (await this.#everyone())[0] ?? raise('there is no server');
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }
}

function raise(message: string): never {
  throw new Error(message);
}
