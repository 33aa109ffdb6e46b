/** What is done to heal: by the agent, and by persons. */
import { ArchonError } from '../../errors.ts';
import type { OpsDeps, OpsSources } from '../deps.ts';
import type { AlertBook, AlertChange, Healer, Round } from '../parts.ts';
import type { Rules } from '../rules/rules.ts';
import type { ActionsService } from '../services.ts';

export class Remediation implements Healer, ActionsService {
  readonly #deps: OpsDeps & { sources: OpsSources; alerts: AlertBook; rules: Rules };

  constructor(deps: OpsDeps & { sources: OpsSources; alerts: AlertBook; rules: Rules }) {
    this.#deps = deps;
  }

  async heal(_round: Round, _changes: readonly AlertChange[]): Promise<void> {}

  start(): void {}

  async stop(): Promise<void> {}

  list(): never {
    throw notBuilt();
  }

  get(): never {
    throw notBuilt();
  }

  remediators(): never {
    throw notBuilt();
  }

  preview(): never {
    throw notBuilt();
  }

  run(): never {
    throw notBuilt();
  }

  approve(): never {
    throw notBuilt();
  }

  reject(): never {
    throw notBuilt();
  }

  recommendations(): never {
    throw notBuilt();
  }

  apply(): never {
    throw notBuilt();
  }

  dismiss(): never {
    throw notBuilt();
  }
}

const notBuilt = (): ArchonError => new ArchonError('CONFLICT', 'The ops agent is being built.');
