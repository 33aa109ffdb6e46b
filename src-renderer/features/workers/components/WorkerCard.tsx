/** One worker at a glance: how it is, how it did, when it runs next, and what can be done. */
import type { KeyboardEvent, ReactNode } from 'react';
import type { Worker, WorkerRunEntry } from '../../../../src-contract/index.ts';
import { cx } from '../../../ui/classes.ts';
import { excerpt, visibleText } from '../../../ui/content/visible-text.ts';
import { duration } from '../../../ui/duration.ts';
import { number } from '../../../ui/format.ts';
import { Ago } from '../../../ui/Time.tsx';
import { useWorkerSteering } from '../hooks/use-worker-steering.ts';
import { pauseAction } from '../worker-actions.ts';
import { OUTCOMES, stateError, workWords } from '../worker-words.ts';
import { RunsSparkline } from './RunsSparkline.tsx';
import { ScheduleText } from './ScheduleText.tsx';
import { StateBadge, StateLine, Until } from './StateLine.tsx';
import { ActionQuestions, CardActions } from './WorkerActions.tsx';

/** Of an error, in a card; the details have all of it. */
const ERROR_SHOWN = 300;

export interface WorkerCardProps {
  worker: Worker;
  isOpen: boolean;
  onOpen(): void;
}

export function WorkerCard({ worker, isOpen, onOpen }: WorkerCardProps) {
  const steering = useWorkerSteering(worker);
  const error = stateError(worker.state);
  // Its badge and its next run say all about it: there is room for what it does.
  const isWaiting = worker.state.state === 'scheduled' || worker.state.state === 'idle';
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    // Not what is typed into a menu or dialog of the card: they stand elsewhere in the page.
    if (!(event.target instanceof Node && event.currentTarget.contains(event.target))) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    if (key === 'r') steering.act('run');
    else if (key === 'p') steering.act(pauseAction(worker));
    else return;
    event.preventDefault();
  };
  return (
    <article
      aria-label={worker.title}
      onKeyDown={onKeyDown}
      className={cx(
        'flex min-w-0 flex-col gap-2.5 rounded-lg border bg-surface p-3',
        worker.state.state === 'crashed' ? 'border-bad/60' : isOpen ? 'border-accent-text' : 'border-line',
      )}
    >
      <header className="flex items-center gap-2">
        <h3 className="min-w-0 flex-1">
          <button
            type="button"
            aria-label={`Details of ${worker.title}`}
            aria-expanded={isOpen}
            onClick={onOpen}
            className="one-line max-w-full text-left font-semibold text-[13px] hover:underline"
          >
            {worker.title}
          </button>
        </h3>
        <StateBadge worker={worker} />
      </header>
      <div className="h-10 overflow-hidden">
        {isWaiting ? (
          <p className="line-clamp-2 text-muted">{visibleText(worker.description)}</p>
        ) : (
          <StateLine
            worker={worker}
            className={cx('[overflow-wrap:anywhere]', error === undefined ? 'line-clamp-2' : 'line-clamp-1')}
          />
        )}
        {error !== undefined && (
          <p title={excerpt(error, ERROR_SHOWN)} className="one-line text-bad text-xs">
            {excerpt(error, ERROR_SHOWN)}
          </p>
        )}
      </div>
      <RunsSparkline runs={worker.recent_runs} />
      <dl className="grid grid-cols-[72px_minmax(0,1fr)] gap-y-0.5 text-xs">
        <Fact name="Last run">
          <LastRun run={worker.last_run} />
        </Fact>
        <Fact name="Next run">{worker.next_run_at === null ? 'none' : <Until time={worker.next_run_at} />}</Fact>
        <Fact name="Schedule">
          <ScheduleText schedule={worker.schedule} />
        </Fact>
      </dl>
      <Counts worker={worker} />
      <CardActions worker={worker} steering={steering} />
      <ActionQuestions worker={worker} steering={steering} />
    </article>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="one-line">{children}</dd>
    </>
  );
}

function LastRun({ run }: { run: WorkerRunEntry | null }) {
  if (run === null) return 'never';
  const { label, tone } = OUTCOMES[run.status];
  return (
    <span title={workWords(run.items, run.changed)}>
      <span className={cx(tone === 'bad' && 'text-bad', tone === 'warn' && 'text-warn')}>{label}</span>{' '}
      {run.ended_at !== null && <Ago time={run.ended_at} />}
      {run.duration_ms !== null && `, ${duration(run.duration_ms)}`}
      {`, ${workWords(run.items, run.changed)}`}
    </span>
  );
}

function Counts({ worker: { counts } }: { worker: Worker }) {
  const all = [
    { name: 'Runs', count: counts.runs },
    { name: 'Failures', count: counts.failures },
    { name: 'In a row', count: counts.failures_in_a_row },
    { name: 'Crashes', count: counts.crashes },
  ];
  return (
    <dl className="grid grid-cols-4 border-line border-y py-1.5">
      {all.map(({ name, count }) => (
        <div key={name}>
          <dt className="text-[11px] text-faint">{name}</dt>
          <dd className={cx('tabular-nums', name === 'In a row' && count > 0 && 'font-semibold text-bad')}>
            {number(count)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
