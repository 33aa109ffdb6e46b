import type { Breaker } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { useEngineNow } from '../hooks/use-engine-now.ts';
import { BREAKER_LOOKS, breakerSentence } from '../model/breaker-words.ts';

export function BreakerBadge({ breaker: { state }, isCurrent }: { breaker: Breaker; isCurrent: boolean }) {
  const { label, tone } = BREAKER_LOOKS[state.state];
  if (isCurrent) return <Badge tone={tone}>{label}</Badge>;
  return <Badge>Was {label.toLowerCase()}</Badge>;
}

/** How it is now; what counts down in it does so by the second. */
export function BreakerLine({ breaker, isCurrent }: { breaker: Breaker; isCurrent: boolean }) {
  const now_ms = useEngineNow();
  return (
    <p className="text-muted text-xs tabular-nums [overflow-wrap:anywhere]">
      {visibleText(breakerSentence(breaker, isCurrent ? now_ms : undefined))}
    </p>
  );
}
