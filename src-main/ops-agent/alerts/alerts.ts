/** Alerts, from the first sign to the end. */

import type { OpsAlertDetail } from '../../../src-contract/index.ts';
import { ArchonError } from '../../errors.ts';
import type { OpsDeps } from '../deps.ts';
import type { AlertBook, AlertChange, Judge, Round } from '../parts.ts';
import type { Rules } from '../rules/rules.ts';
import type { AlertsService } from '../services.ts';

export class Alerts implements AlertsService, AlertBook, Judge {
  readonly #deps: OpsDeps & { rules: Rules };

  constructor(deps: OpsDeps & { rules: Rules }) {
    this.#deps = deps;
  }

  judge(_round: Round): readonly AlertChange[] {
    return [];
  }

  active(_org_id: string): readonly OpsAlertDetail[] {
    return [];
  }

  tell(): void {}

  setCause(): void {}

  attemptsUsedUp(): void {}

  actionsHeld(): boolean {
    return false;
  }

  list(): never {
    throw notBuilt();
  }

  get(): never {
    throw notBuilt();
  }

  acknowledge(): never {
    throw notBuilt();
  }

  unacknowledge(): never {
    throw notBuilt();
  }

  note(): never {
    throw notBuilt();
  }

  silences(): never {
    throw notBuilt();
  }

  silence(): never {
    throw notBuilt();
  }

  endSilence(): never {
    throw notBuilt();
  }
}

const notBuilt = (): ArchonError => new ArchonError('CONFLICT', 'The ops agent is being built.');
