/** The rules that hold: ours, and what persons made of them and added. */

import type { OpsRule } from '../../../src-contract/index.ts';
import { ArchonError } from '../../errors.ts';
import type { OpsDeps } from '../deps.ts';
import type { RulesService } from '../services.ts';

export class Rules implements RulesService {
  readonly #deps: OpsDeps;

  constructor(deps: OpsDeps) {
    this.#deps = deps;
  }

  /** As they hold now. */
  all(_org_id: string): readonly OpsRule[] {
    return [];
  }

  list(): never {
    throw notBuilt();
  }

  create(): never {
    throw notBuilt();
  }

  update(): never {
    throw notBuilt();
  }

  remove(): never {
    throw notBuilt();
  }

  preview(): never {
    throw notBuilt();
  }
}

const notBuilt = (): ArchonError => new ArchonError('CONFLICT', 'The ops agent is being built.');
