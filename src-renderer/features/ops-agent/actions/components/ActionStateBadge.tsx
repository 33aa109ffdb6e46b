import type { OpsAction } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { ACTION_STATES, RISKS } from '../../words/action-words.ts';

export function ActionStateBadge({ state: { state } }: Pick<OpsAction, 'state'>) {
  const { label, tone } = ACTION_STATES[state];
  return <Badge tone={tone}>{label}</Badge>;
}

export const RiskBadge = ({ risk }: Pick<OpsAction, 'risk'>) => (
  <Badge tone={RISKS[risk].tone} className="shrink-0">
    {RISKS[risk].label}
  </Badge>
);
