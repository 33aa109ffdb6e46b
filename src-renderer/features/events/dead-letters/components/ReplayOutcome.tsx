import type { EventReplay } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { OUTCOME_TONES } from '../letter-words.ts';

/** What came of a replay, and when. */
export function Outcome({ replay: { outcome } }: { replay: Pick<EventReplay, 'outcome'> }) {
  return (
    <div className="max-w-[50%] shrink-0 space-y-0.5 text-right">
      <p className="flex items-center justify-end gap-2">
        <Ago time={outcome.state === 'waiting' ? outcome.due_at : outcome.at} className="text-[11px] text-faint" />
        <Badge tone={OUTCOME_TONES[outcome.state]}>{outcome.state}</Badge>
      </p>
      {outcome.state === 'failed' && (
        <p dir="auto" className="line-clamp-2 text-bad text-xs [overflow-wrap:anywhere]">
          {excerpt(outcome.error.message, 200)}
        </p>
      )}
    </div>
  );
}
