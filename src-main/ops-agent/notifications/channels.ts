/** Where alerts and reports are sent. */
import { ArchonError } from '../../errors.ts';
import type { OpsDeps } from '../deps.ts';
import type { ChannelsService } from '../services.ts';

export class Channels implements ChannelsService {
  readonly #deps: OpsDeps;

  constructor(deps: OpsDeps) {
    this.#deps = deps;
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

  test(): never {
    throw notBuilt();
  }

  deliveries(): never {
    throw notBuilt();
  }
}

const notBuilt = (): ArchonError => new ArchonError('CONFLICT', 'The ops agent is being built.');
