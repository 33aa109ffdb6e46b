import { History, X } from 'lucide-react';
import type { ReplayRun } from '../../../../../src-contract/index.ts';
import { IconButton } from '../../../../ui/Button.tsx';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { useReplayRuns, useRunStore } from '../hooks/use-replay-runs.ts';
import { isRunning, runningFirst } from '../letter-words.ts';
import { CancelRun, RunProgress } from './RunProgress.tsx';

/** More at a time would leave no place for the list: the log has all of them. */
const MOST_SHOWN = 3;

/** Replays of many that run, found again after a reload, and how those ended that were seen. */
export function ReplayRuns({ onLog }: { onLog(run: ReplayRun): void }) {
  const runs = runningFirst(useReplayRuns()).slice(0, MOST_SHOWN);
  const putAway = useRunStore((store) => store.putAway);
  if (runs.length === 0) return null;
  return (
    <section aria-label="Replays of many" className="space-y-2 border-line border-b px-3 py-2">
      {runs.map((run) => (
        <div key={run.id} className="flex items-center gap-3 rounded-md border border-line bg-surface px-3 py-2">
          <RunProgress run={run} />
          <span className="one-line max-w-44 text-[11px] text-faint">
            {excerpt(run.actor, 40)}, <Ago time={run.requested_at} />
          </span>
          <CancelRun run={run} />
          <IconButton label="What became of each" icon={<History className="size-4" />} onClick={() => onLog(run)} />
          {!isRunning(run) && (
            <IconButton label="Put away" icon={<X className="size-4" />} onClick={() => putAway(run.id)} />
          )}
        </div>
      ))}
    </section>
  );
}
