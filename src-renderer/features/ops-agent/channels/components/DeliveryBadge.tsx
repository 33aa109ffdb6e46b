import type { OpsDelivery } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { DELIVERY_STATES } from '../model/delivery-words.ts';

export const DeliveryBadge = ({ state: { state } }: Pick<OpsDelivery, 'state'>) => (
  <Badge tone={DELIVERY_STATES[state].tone} className="shrink-0">
    {DELIVERY_STATES[state].label}
  </Badge>
);
