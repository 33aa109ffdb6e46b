/** A process that is started again whenever it ends, as a service manager would, until it is told to stop. */
import { setTimeout as wait } from 'node:timers/promises';
import type { RunningProcess } from '../support/cli-process.ts';
import { until } from '../support/delivery-nodes.ts';

const BETWEEN_STARTS_MS = 100;
const START_LIMIT_MS = 300_000;
const TOLD_CHARACTERS = 2000;

type Life<Facts> =
  /** `trouble`: what ended it the last time, or kept it from starting. */
  | { state: 'down'; trouble: string }
  | { state: 'up'; running: RunningProcess<Facts> }
  /** By us. */
  | { state: 'being killed' };

export class KeptProcess<Facts = unknown> {
  readonly name: string;
  /** Ends that nobody asked for, in words. */
  readonly crashes: string[] = [];
  readonly #start: () => Promise<RunningProcess<Facts>>;
  readonly #keeping: Promise<void>;
  #life: Life<Facts> = { state: 'down', trouble: 'it has not started yet' };
  #wanted = true;

  constructor(name: string, start: () => Promise<RunningProcess<Facts>>) {
    this.name = name;
    this.#start = start;
    this.#keeping = this.#keep();
  }

  /** Undefined while it is down. */
  get running(): RunningProcess<Facts> | undefined {
    return this.#life.state === 'up' ? this.#life.running : undefined;
  }

  async whenUp(): Promise<RunningProcess<Facts>> {
    const isUp = () => this.#life.state === 'up';
    await until(() => `${this.name} is up (${this.#trouble})`, isUp, START_LIMIT_MS);
    return this.running ?? (await this.whenUp());
  }

  async kill(): Promise<void> {
    const { stop } = await this.whenUp();
    this.#life = { state: 'being killed' };
    await stop('SIGKILL');
  }

  /** @returns the exit code of a graceful end */
  async stop(): Promise<number | null> {
    const { stop } = await this.whenUp();
    this.#wanted = false;
    const code = await stop('SIGTERM');
    await this.#keeping;
    return code;
  }

  /** Ends it however it is. */
  async abandon(): Promise<void> {
    this.#wanted = false;
    await this.running?.stop('SIGKILL');
    await this.#keeping;
  }

  get #trouble(): string {
    return this.#life.state === 'down' ? this.#life.trouble : this.#life.state;
  }

  async #keep(): Promise<void> {
    while (this.#wanted) {
      try {
        const running = await this.#start();
        this.#life = { state: 'up', running };
        if (!this.#wanted) await running.stop('SIGKILL');
        const code = await running.exited;
        const trouble = `${this.name} ended with ${code}: ${running.stderr().slice(-TOLD_CHARACTERS)}`;
        if (this.running && this.#wanted) this.crashes.push(trouble);
        this.#life = { state: 'down', trouble };
      } catch (error) {
        // While its database is away a process may refuse to start: then it is tried again.
        this.#life = { state: 'down', trouble: String(error) };
      }
      if (this.#wanted) await wait(BETWEEN_STARTS_MS);
    }
  }
}
