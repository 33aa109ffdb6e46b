import { History } from 'lucide-react';
import type { DeadLetter } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { EmptyState } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { Outcome } from './ReplayOutcome.tsx';

/** Who asked for it to be sent again, and what came of that. */
export function LetterReplays({ letter: { replays } }: { letter: DeadLetter }) {
  if (replays.length === 0) {
    return (
      <EmptyState icon={<History />} title="It was not replayed yet">
        Every replay is kept here: who asked for it, whether the payload was edited, and what came of it.
      </EmptyState>
    );
  }
  return (
    <ol aria-label="Replays" className="space-y-2">
      {replays.map((replay) => (
        <li key={replay.id} className="flex items-start gap-2 rounded-md border border-line px-3 py-2">
          <div className="min-w-0 flex-1">
            <p className="flex items-center gap-1.5">
              <span dir="auto" className="one-line font-medium">
                {excerpt(replay.actor, 60)}
              </span>
              {replay.edited && <Badge tone="accent">edited</Badge>}
              {replay.run_id !== null && <Badge>one of many</Badge>}
            </p>
            <p className="text-[11px] text-faint">
              asked <Ago time={replay.requested_at} />
            </p>
          </div>
          <Outcome replay={replay} />
        </li>
      ))}
    </ol>
  );
}
