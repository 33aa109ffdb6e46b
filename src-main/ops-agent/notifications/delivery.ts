/** A message on its way, as it is kept. */
import type { OpsDelivery } from '../../../src-contract/index.ts';
import type { DeliveryDocument } from '../records/documents.ts';

/** That are looked at at once: far more than there are channels and rules. */
export const MOST_OPEN = 10_000;
const MOST_WHY = 40;

export const isOpen = ({ state }: DeliveryDocument): boolean => state.state === 'waiting' || state.state === 'retrying';

/** Without what only the notifier knows. */
export function shownDelivery({ work: _work, ...delivery }: DeliveryDocument): OpsDelivery {
  return delivery;
}

export function withWhy<D extends OpsDelivery>(delivery: D, ...lines: string[]): D {
  const why = [...delivery.why, ...lines.filter((line) => !delivery.why.includes(line))];
  return { ...delivery, why: why.slice(0, MOST_WHY) };
}
