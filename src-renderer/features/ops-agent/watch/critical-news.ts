/** Tells what is new of the critical alerts: each once when it fires, and once when it is over. Pure. */
import type { OpsAlert } from '../../../../src-contract/index.ts';

export interface CriticalNews {
  begun: OpsAlert[];
  ended: OpsAlert[];
}

/** The watch of the health tells of these at once, in its own words. */
const TOLD_BY_HEALTH: ReadonlySet<OpsAlert['signal']> = new Set(['component_status', 'breaker_open_seconds']);

/** Nobody is to be woken by what somebody has silenced, is at already, or is a consequence of another alert. */
const isLoud = ({ signal, notify, silenced_by, inhibited_by, acknowledged }: OpsAlert): boolean =>
  notify && silenced_by === null && inhibited_by === null && acknowledged === null && !TOLD_BY_HEALTH.has(signal);

export class CriticalWatch {
  /** Undefined until the first reading: what fires then is no news. */
  #known: Set<string> | undefined;
  readonly #told = new Map<string, OpsAlert>();

  /** @param critical all that fire now */
  take(critical: readonly OpsAlert[]): CriticalNews {
    const known = this.#known;
    if (known === undefined) {
      this.#known = new Set(critical.map(({ id }) => id));
      return { begun: [], ended: [] };
    }
    const now = new Set(critical.map(({ id }) => id));
    const ended = [...this.#told.values()].filter(({ id }) => !now.has(id));
    for (const { id } of ended) this.#told.delete(id);
    const begun = critical.filter((alert) => !known.has(alert.id) && isLoud(alert));
    for (const alert of begun) this.#told.set(alert.id, alert);
    // A silent one that becomes loud is news then.
    for (const alert of critical) if (isLoud(alert)) known.add(alert.id);
    for (const id of known) if (!now.has(id)) known.delete(id);
    return { begun, ended };
  }

  /** Another window has told of these: who sees both is not told twice. */
  heard({ begun, ended }: CriticalNews): void {
    for (const { id } of begun) this.#known?.add(id);
    for (const { id } of ended) this.#told.delete(id);
  }
}
