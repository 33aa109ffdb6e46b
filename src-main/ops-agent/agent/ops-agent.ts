/** The loop of the ops agent. */
import { ArchonError } from '../../errors.ts';
import type { OpsDeps } from '../deps.ts';
import type { Dispatcher, Healer, Judge, Observer, Reporter } from '../parts.ts';
import type { AgentService } from '../services.ts';

export interface AgentDeps extends OpsDeps {
  observer: Observer;
  judge: Judge;
  healer: Healer;
  dispatcher: Dispatcher;
  reporter: Reporter;
  organisations(): Iterable<string>;
}

export class OpsAgent implements AgentService {
  readonly #deps: AgentDeps;

  constructor(deps: AgentDeps) {
    this.#deps = deps;
  }

  start(): void {}

  /** Something happened that matters: a round begins now. */
  ring(): void {}

  async stop(): Promise<void> {}

  status(): never {
    throw notBuilt();
  }

  signals(): never {
    throw notBuilt();
  }

  run(): never {
    throw notBuilt();
  }

  pause(): never {
    throw notBuilt();
  }

  resume(): never {
    throw notBuilt();
  }
}

const notBuilt = (): ArchonError => new ArchonError('CONFLICT', 'The ops agent is being built.');
