import type { OpsAlert } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { ALERT_STATES } from '../../words/alert-states.ts';
import { STATE_HELP } from '../model/alert-words.ts';

export const AlertStateBadge = ({ state: { state } }: Pick<OpsAlert, 'state'>) => (
  <Badge tone={ALERT_STATES[state].tone} title={STATE_HELP[state]} className="shrink-0">
    {ALERT_STATES[state].label}
  </Badge>
);
