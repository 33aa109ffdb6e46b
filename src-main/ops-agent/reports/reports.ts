/** Daily reports. */
import { ArchonError } from '../../errors.ts';
import type { OpsDeps, OpsSources } from '../deps.ts';
import type { Dispatcher, Reporter } from '../parts.ts';
import type { ReportsService } from '../services.ts';

export class Reports implements ReportsService, Reporter {
  readonly #deps: OpsDeps & { sources: OpsSources; dispatcher: Dispatcher };

  constructor(deps: OpsDeps & { sources: OpsSources; dispatcher: Dispatcher }) {
    this.#deps = deps;
  }

  async round(_org_id: string, _at_ms: number): Promise<void> {}

  list(): never {
    throw notBuilt();
  }

  get(): never {
    throw notBuilt();
  }

  create(): never {
    throw notBuilt();
  }

  remove(): never {
    throw notBuilt();
  }

  document(): never {
    throw notBuilt();
  }

  send(): never {
    throw notBuilt();
  }
}

const notBuilt = (): ArchonError => new ArchonError('CONFLICT', 'The ops agent is being built.');
