import type { OpsSeverity } from '../../../../src-contract/index.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { SEVERITIES } from './severity.ts';

export const SeverityBadge = ({ severity, className = 'shrink-0' }: { severity: OpsSeverity; className?: string }) => (
  <Badge tone={SEVERITIES[severity].tone} className={className}>
    {SEVERITIES[severity].label}
  </Badge>
);
