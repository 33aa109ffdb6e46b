/** What a worker does, how it is and was, and when it runs. */
import type { ReactNode } from 'react';
import type { Worker, WorkerRunEntry } from '../../../../src-contract/index.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../ui/DetailRow.tsx';
import { longDuration } from '../../../ui/duration.ts';
import { fullTime, number, plural } from '../../../ui/format.ts';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { useStateHistory } from '../hooks/use-state-history.ts';
import type { WorkerSteering } from '../hooks/use-worker-steering.ts';
import { scheduleWords } from '../schedule-words.ts';
import { isFailure, OUTCOMES, stateError, workWords } from '../worker-words.ts';
import { Elapsed } from './RunLog.tsx';
import { RunsSparkline } from './RunsSparkline.tsx';
import { ScheduleText } from './ScheduleText.tsx';
import { StateLine, Until } from './StateLine.tsx';
import { AllActions } from './WorkerActions.tsx';

export interface WorkerFactsProps {
  worker: Worker;
  steering: WorkerSteering;
}

export function WorkerFacts({ worker, steering }: WorkerFactsProps) {
  const { counts, active_runs } = worker;
  return (
    <div tabIndex={0} className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4 focus-visible:-outline-offset-2">
      <p className="content-text text-muted">{visibleText(worker.description)}</p>
      <div>
        <StateLine worker={worker} className="mb-2 [overflow-wrap:anywhere]" />
        <AllActions worker={worker} steering={steering} />
      </div>
      <LastError worker={worker} />
      {active_runs.length > 0 && (
        <Part title="At work">
          <ul className="space-y-1">
            {active_runs.map((run) => (
              <ActiveRun key={run.run_id} run={run} />
            ))}
          </ul>
        </Part>
      )}
      <Part title="Runs">
        <div className="max-w-md">
          <RunsSparkline runs={worker.recent_runs} />
        </div>
        <p className="mt-1 text-muted text-xs">
          {plural(counts.runs, 'run')}, {plural(counts.failures, 'failure')} ({number(counts.failures_in_a_row)} in a
          row), {plural(counts.crashes, 'crash', 'crashes')}.
        </p>
      </Part>
      <Part title="Schedule">
        <Schedule worker={worker} steering={steering} />
      </Part>
      <Part title="History of its state">
        <History worker={worker} />
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 font-semibold">{title}</h3>
      {children}
    </section>
  );
}

/** Of its state or, when it does well again, of the last run that failed. */
function LastError({ worker }: { worker: Worker }) {
  const now = stateError(worker.state);
  const run = worker.recent_runs.findLast((each) => isFailure(each) && each.error !== null);
  const error = now ?? run?.error;
  if (error === undefined || error === null) return null;
  return (
    <Part title="Last error">
      {run?.ended_at && (
        <p className="-mt-1 mb-1.5 text-muted text-xs">
          <Ago time={run.ended_at} />
          {now === undefined && ', in a run before'}
        </p>
      )}
      <div className="flex items-start gap-2 rounded-md border border-bad/40 bg-bad-soft px-3 py-2">
        <div className="max-h-40 min-w-0 flex-1 overflow-y-auto" tabIndex={0}>
          <p className="content-text font-mono text-xs">{visibleText(error)}</p>
        </div>
        <CopyButton text={error} what="Copy the error" />
      </div>
    </Part>
  );
}

function ActiveRun({ run }: { run: WorkerRunEntry }) {
  const { status, shard, node_name, started_at, attempt, items, changed } = run;
  return (
    <li className="flex flex-wrap items-center gap-x-2 rounded-md border border-line px-3 py-1.5 text-xs">
      <Badge tone={OUTCOMES[status].tone}>{OUTCOMES[status].label}</Badge>
      {started_at === null ? <span>waits for its time or a node</span> : <Elapsed since={started_at} />}
      <span className="tabular-nums">{workWords(items, changed)}</span>
      {shard !== null && <span>shard {shard}</span>}
      {attempt > 1 && <span>attempt {attempt}</span>}
      {node_name !== null && <span className="one-line min-w-0 text-faint">on {visibleText(node_name)}</span>}
    </li>
  );
}

function Schedule({ worker, steering }: WorkerFactsProps) {
  const { schedule, schedule_source, default_schedule, next_run_at, timeout_ms } = worker;
  const isChanged = schedule_source === 'operator';
  return (
    <>
      <dl className="grid grid-cols-[140px_minmax(0,1fr)] gap-y-1">
        <DetailRow name="Runs">
          <ScheduleText schedule={schedule} />
        </DetailRow>
        <DetailRow name="Next run">
          {next_run_at === null ? (
            'none by itself'
          ) : (
            <>
              <Until time={next_run_at} />, {fullTime(next_run_at)}
            </>
          )}
        </DetailRow>
        <DetailRow name="Default">{isChanged ? scheduleWords(default_schedule) : 'the same'}</DetailRow>
        <DetailRow name="Cancelled after">{longDuration(timeout_ms)} without progress</DetailRow>
      </dl>
      {isChanged && (
        <Button
          size="small"
          className="mt-2"
          busy={steering.busy === 'schedule'}
          blocked={steering.reason('schedule')}
          onClick={() => steering.backToDefault()}
        >
          Back to the default
        </Button>
      )}
    </>
  );
}

const CONDITIONS: Readonly<Record<string, { label: string; tone: 'ok' | 'plain' | 'bad' }>> = {
  in_service: { label: 'In service', tone: 'ok' },
  paused: { label: 'Paused', tone: 'plain' },
  crashed: { label: 'Out of service', tone: 'bad' },
};

function History({ worker }: { worker: Worker }) {
  const { data, error, isPending, refetch } = useStateHistory(worker.name);
  if (isPending) return <SkeletonRows rows={2} className="p-0" />;
  if (data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} className="py-2" />;
  const { changes, isWhole } = data;
  if (changes.length === 0) {
    return (
      <p className="text-muted">
        {isWhole ? 'It was never paused, and never out of service.' : 'No change in the newest part of the log.'}
      </p>
    );
  }
  return (
    <ol className="space-y-1 text-xs">
      {changes.map(({ event_id, created_at, to, reason }) => (
        <li key={event_id} className="flex items-baseline gap-2">
          <Ago time={created_at} className="w-20 shrink-0 text-faint" />
          <Badge tone={CONDITIONS[to]?.tone ?? 'plain'} className="shrink-0">
            {CONDITIONS[to]?.label ?? visibleText(to)}
          </Badge>
          <span className="min-w-0 text-muted [overflow-wrap:anywhere]">{reason && visibleText(reason)}</span>
        </li>
      ))}
    </ol>
  );
}
