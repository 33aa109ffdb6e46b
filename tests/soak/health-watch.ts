/** Asks all the time how everything is said to be. */
import { setTimeout as wait } from 'node:timers/promises';
import type { SoakClient } from './soak-client.ts';
import type { Service } from './soak-plan.ts';

const BETWEEN_MS = 400;

export interface ServiceSaid {
  /** Whether its component is healthy. */
  healthy: boolean;
  /** Whether its breaker is closed; undefined where there is none. */
  closed: boolean | undefined;
  /** Writes that wait for it in the journal. */
  waiting: number;
}

/** What was said, between asking and having been answered; milliseconds of a steady clock. */
export interface Sample {
  asked_ms: number;
  told_ms: number;
  said: Readonly<Record<Service, ServiceSaid>>;
}

const COMPONENT = { postgres: 'database', redis: 'sessions' } as const;

export class HealthWatch {
  readonly samples: Sample[] = [];
  readonly #client: SoakClient;
  readonly #end = new AbortController();
  readonly #working: Promise<void>;

  constructor(client: SoakClient) {
    this.#client = client;
    this.#working = this.#watch();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#working;
  }

  async #watch(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const asked_ms = performance.now();
      const [health, breakers, journal] = await Promise.all([
        this.#client.ask('deep health', '/health/deep'),
        this.#client.ask('breakers', '/api/resilience/breakers'),
        this.#client.ask('journal', '/api/journal'),
      ]);
      if (health?.status === 200 && breakers?.status === 200 && journal?.status === 200) {
        const told_ms = performance.now();
        const said = (service: Service): ServiceSaid => ({
          healthy: find(health.body.components, 'component', COMPONENT[service])?.status === 'healthy',
          closed: closedOf(find(breakers.body.items, 'name', service)),
          waiting: journal.body[COMPONENT[service]].waiting,
        });
        this.samples.push({ asked_ms, told_ms, said: { postgres: said('postgres'), redis: said('redis') } });
      }
      await wait(BETWEEN_MS);
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely.
const find = (items: any[], key: string, value: string): any => items.find((item) => item[key] === value);

const closedOf = (breaker: { in_use: boolean; state: { state: string } } | undefined): boolean | undefined =>
  breaker?.in_use ? breaker.state.state === 'closed' : undefined;
