/** Tells the figures of actions and deliveries of this process that are over, once each. */
import type { OpsObserver } from '../parts.ts';
import type { OpsRecords, RecordChange } from '../records/ops-records.ts';

/** Ids that are remembered: what is over is not written again much later. */
const REMEMBERED = 5000;

export class FiguresOfRecords {
  readonly #records: OpsRecords;
  readonly #observer: OpsObserver;
  readonly #told = new Set<string>();

  constructor(records: OpsRecords, observer: OpsObserver) {
    this.#records = records;
    this.#observer = observer;
  }

  /** @returns how to stop */
  start(): () => void {
    return this.#records.onChange((change) => this.#changed(change));
  }

  #changed({ org_id, kind, id, own }: RecordChange): void {
    if (!own || this.#told.has(id)) return;
    if (kind === 'action') this.#action(org_id, id);
    if (kind === 'delivery') this.#delivery(org_id, id);
  }

  #action(org_id: string, id: string): void {
    const action = this.#records.get(org_id, 'action', id);
    if (!action) return;
    switch (action.state.state) {
      case 'waiting_approval':
      case 'assigned':
      case 'running':
      case 'verifying':
        return;
      default:
        this.#remember(id);
        this.#observer.acted(action);
    }
  }

  #delivery(org_id: string, id: string): void {
    const delivery = this.#records.get(org_id, 'delivery', id);
    if (!delivery || delivery.state.state === 'waiting' || delivery.state.state === 'retrying') return;
    this.#remember(id);
    this.#observer.deliveredAlert(delivery);
  }

  #remember(id: string): void {
    this.#told.add(id);
    if (this.#told.size <= REMEMBERED) return;
    const [oldest] = this.#told;
    if (oldest !== undefined) this.#told.delete(oldest);
  }
}
