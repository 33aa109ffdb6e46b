import type { Breaker } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { useNow } from '../../../../ui/use-now.ts';
import { BREAKER_LOOKS, breakerSentence } from '../model/breaker-words.ts';

export function BreakerBadge({ breaker: { state }, isCurrent }: { breaker: Breaker; isCurrent: boolean }) {
  const { label, tone } = BREAKER_LOOKS[state.state];
  if (isCurrent) return <Badge tone={tone}>{label}</Badge>;
  return <Badge>Was {label.toLowerCase()}</Badge>;
}

/** How it is now; what counts down in it does so by the second. */
export function BreakerLine({ breaker }: { breaker: Breaker }) {
  const now_ms = useNow();
  return (
    <p className="text-muted text-xs tabular-nums [overflow-wrap:anywhere]">
      {visibleText(breakerSentence(breaker, now_ms))}
    </p>
  );
}
