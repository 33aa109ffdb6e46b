import { CircleAlert, CircleCheck, History, type LucideIcon, TriangleAlert } from 'lucide-react';
import type { ComponentHealth } from '../../../../../src-contract/index.ts';
import { Badge, type Tone } from '../../../../ui/Badge.tsx';

const LOOKS: Readonly<Record<ComponentHealth['status'], { label: string; tone: Tone; Icon: LucideIcon }>> = {
  healthy: { label: 'Healthy', tone: 'ok', Icon: CircleCheck },
  degraded: { label: 'Degraded', tone: 'warn', Icon: TriangleAlert },
  unhealthy: { label: 'Unhealthy', tone: 'bad', Icon: CircleAlert },
};

/** How it is, in colour, sign and word; what is not known to be so still has no colour. */
export function StatusBadge({ status, isCurrent }: { status: ComponentHealth['status']; isCurrent: boolean }) {
  const { label, tone, Icon } = LOOKS[status];
  const Sign = isCurrent ? Icon : History;
  return (
    <Badge tone={isCurrent ? tone : 'plain'} className="shrink-0">
      <span className="flex items-center gap-1">
        <Sign aria-hidden="true" className="size-3" />
        {isCurrent ? label : `Was ${label.toLowerCase()}`}
      </span>
    </Badge>
  );
}
