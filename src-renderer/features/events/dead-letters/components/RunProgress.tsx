import { useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleSlash } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import type { ReplayRun } from '../../../../../src-contract/index.ts';
import { useReadOnly } from '../../../../app/read-only.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { number, plural } from '../../../../ui/format.ts';
import { Progress } from '../../../../ui/Progress.tsx';
import { tellShownLetters } from '../hooks/use-letter-list.ts';
import { isRunning, shareOf, span } from '../letter-words.ts';

/** How far a replay of many is, or how it ended. */
export function RunProgress({ run }: { run: ReplayRun }) {
  const { total, waiting, resolved, failed, cancelled, per_second, not_taken } = run;
  return (
    <div className="min-w-0 flex-1 space-y-1">
      {isRunning(run) ? (
        <Progress label="Replay of dead letters" value={shareOf(run)} />
      ) : (
        <p role="status" className="flex items-center gap-1.5 font-medium">
          {total > 0 && cancelled < total ? (
            <CircleCheck aria-hidden="true" className="size-4 text-ok" />
          ) : (
            <CircleSlash aria-hidden="true" className="size-4 text-muted" />
          )}
          {ending(run)}
        </p>
      )}
      <p className="text-muted text-xs tabular-nums">
        <span className="text-ok">{number(resolved)} resolved</span> ·{' '}
        <span className={failed > 0 ? 'text-bad' : undefined}>{number(failed)} failed</span>
        {waiting > 0 && ` · ${number(waiting)} waiting`}
        {cancelled > 0 && ` · ${number(cancelled)} cancelled`}
        {isRunning(run) && ` · ${number(per_second)} per second, about ${span(waiting / per_second)} to go`}
      </p>
      {not_taken > 0 && (
        <p className="text-warn text-xs">
          {plural(not_taken, 'more matches', 'more match')} beyond the most of one replay: replay again for them.
        </p>
      )}
    </div>
  );
}

function ending({ total, cancelled, failed }: ReplayRun): string {
  if (total === 0) return 'Nothing was replayed: none of them is dead, or nobody takes them now.';
  if (cancelled === total) return 'Cancelled before it began.';
  if (cancelled > 0) return 'Replay cancelled; what had not begun is dead again.';
  return failed > 0 ? 'Replay finished; what failed is dead again.' : 'Replay finished.';
}

/** Takes back what has not begun. */
export function CancelRun({ run }: { run: ReplayRun }) {
  const queryClient = useQueryClient();
  const readOnly = useReadOnly();
  const [isBusy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    try {
      await client.deadLetters.cancelReplayRun({ run_id: run.id });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    tellShownLetters();
    await queryClient.invalidateQueries({ queryKey: api.deadLetters.key() });
    setBusy(false);
  };
  if (!isRunning(run)) return null;
  return (
    <Button size="small" busy={isBusy} blocked={readOnly} onClick={cancel}>
      Cancel
    </Button>
  );
}
