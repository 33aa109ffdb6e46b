/** The supervisor of this process while workers are wanted here: settings start and stop it. */
import type { Logger } from 'pino';
import type { SettingsChange, SettingsReader } from '../settings/live-settings.ts';
import type { Supervisor } from './supervisor.ts';

export interface SupervisionDeps {
  settings: SettingsReader;
  /** Whether workers are to run in this process, as it is set now. */
  isWanted(): boolean;
  /** Each is a node of its own: one that has left does not come back. */
  makeSupervisor(): Supervisor;
  logger: Logger;
}

export class Supervision {
  readonly #deps: SupervisionDeps;
  #supervisor: Supervisor | undefined;
  /** One start or stop after the other. */
  #turn: Promise<void> = Promise.resolve();
  #unwatch: (() => void) | undefined;

  constructor(deps: SupervisionDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#unwatch = this.#deps.settings.onChange((change) => this.#changed(change));
    this.#adjust();
  }

  /** Something may be to do: it looks now. */
  poke(): void {
    this.#supervisor?.poke();
  }

  /** Ends every run after its step, gives it back, and leaves. */
  async stop(): Promise<void> {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#adjust();
    await this.#turn;
  }

  #changed({ org_id, keys }: SettingsChange): void {
    if (![...keys].some((key) => key.startsWith('workers.'))) return;
    if (keys.has('workers.enabled')) this.#adjust();
    this.#supervisor?.settingsChanged(org_id);
  }

  #adjust(): void {
    this.#turn = this.#turn
      .then(() => this.#toWhatIsWanted())
      .catch((error: unknown) => this.#deps.logger.error({ err: error }, 'workers could not be started or stopped'));
  }

  async #toWhatIsWanted(): Promise<void> {
    const isWanted = this.#unwatch !== undefined && this.#deps.isWanted();
    if (isWanted && this.#supervisor === undefined) {
      this.#supervisor = this.#deps.makeSupervisor();
      this.#supervisor.start();
    }
    if (!isWanted && this.#supervisor !== undefined) {
      const ending = this.#supervisor;
      this.#supervisor = undefined;
      await ending.stop();
    }
  }
}
