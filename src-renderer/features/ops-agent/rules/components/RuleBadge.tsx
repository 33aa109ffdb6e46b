import type { OpsRule } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { kindOf } from '../model/condition-words.ts';

/** Whether a rule is as it came with Archon: nothing when it is. */
export function RuleBadge({ rule }: { rule: Pick<OpsRule, 'origin' | 'changed'> }) {
  switch (kindOf(rule)) {
    case 'default':
      return null;
    case 'changed':
      return (
        <Badge tone="accent" className="shrink-0">
          changed
        </Badge>
      );
    case 'custom':
      return <Badge className="shrink-0">custom</Badge>;
  }
}
