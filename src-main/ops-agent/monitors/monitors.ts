/** Every monitor, asked at once, each within its time. */

import type { OpsStatus } from '../../../src-contract/index.ts';
import type { OpsDeps, OpsSources } from '../deps.ts';
import type { Observed, Observer } from '../parts.ts';

export class Monitors implements Observer {
  readonly #deps: OpsDeps & { sources: OpsSources };

  constructor(deps: OpsDeps & { sources: OpsSources }) {
    this.#deps = deps;
  }

  async observe(_org_id: string): Promise<Observed> {
    return { at_ms: this.#deps.clock.now(), observations: [], failed: [] };
  }

  monitors(): OpsStatus['monitors'] {
    return [];
  }
}
