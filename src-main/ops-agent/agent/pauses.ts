/** The kill switch, a note: it holds while every store is away, and on every node. */
import type { OpsPause } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import type { OpsRecords } from '../records/ops-records.ts';

/** There is one of an organisation. */
const ID = 'pause';

export class Pauses {
  readonly #records: OpsRecords;
  readonly #clock: Clock;

  constructor(records: OpsRecords, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
  }

  /** What holds now; null while the agent may act. */
  current(org_id: string): OpsPause | null {
    const pause = this.#records.get(org_id, 'pause', ID);
    if (pause === undefined) return null;
    const isOver = pause.until !== null && Date.parse(pause.until) <= this.#clock.now();
    return isOver ? null : pause;
  }

  begin(
    { org_id, actor }: Scope,
    { reason, until }: { reason?: string | undefined; until?: string | undefined },
  ): void {
    const at_ms = this.#clock.now();
    const document: OpsPause = { by: actor, at: isoTime(at_ms), reason: reason ?? null, until: until ?? null };
    this.#records.put(org_id, 'pause', { id: ID, at_ms, open: true, document });
  }

  end({ org_id }: Scope): void {
    this.#records.remove(org_id, 'pause', ID);
  }
}
