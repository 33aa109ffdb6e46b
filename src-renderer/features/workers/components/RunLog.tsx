/** Every run of a worker that is kept, with what came of it. */
import { useRef, useState } from 'react';
import type { Worker } from '../../../../src-contract/index.ts';
import { PagedList } from '../../../lists/PagedList.tsx';
import { Badge } from '../../../ui/Badge.tsx';
import { excerpt, visibleText } from '../../../ui/content/visible-text.ts';
import { duration, longDuration } from '../../../ui/duration.ts';
import { Switch } from '../../../ui/fields.tsx';
import { fullTime, number, plural } from '../../../ui/format.ts';
import { type Column, RowGrid } from '../../../ui/rows/RowGrid.tsx';
import { EmptyState } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { useNow } from '../../../ui/use-now.ts';
import { type RunRow, useWorkerRuns } from '../hooks/use-worker-runs.ts';
import { OUTCOMES, TRIGGERS } from '../worker-words.ts';
import { RunDetails } from './RunDetails.tsx';

const NONE = '–';
const ERROR_SHOWN = 200;
const SMALL = 'one-line text-[11px] text-muted tabular-nums';

const COLUMNS: readonly Column<RunRow>[] = [
  {
    name: 'started',
    heading: 'Started',
    width: '78px',
    className: SMALL,
    title: ({ started_at, queued_at }) => fullTime(started_at ?? queued_at),
    cell: ({ started_at, queued_at }) => <Ago time={started_at ?? queued_at} />,
  },
  {
    name: 'outcome',
    heading: 'Outcome',
    width: '84px',
    cell: ({ status }) => <Badge tone={OUTCOMES[status].tone}>{OUTCOMES[status].label}</Badge>,
  },
  { name: 'trigger', heading: 'Trigger', width: '68px', className: SMALL, cell: ({ trigger }) => TRIGGERS[trigger] },
  {
    name: 'by',
    heading: 'By',
    width: 'minmax(44px, 0.6fr)',
    className: SMALL,
    title: ({ requested_by }) => requested_by ?? undefined,
    cell: ({ requested_by }) => (requested_by === null ? NONE : excerpt(requested_by, 60)),
  },
  { name: 'shard', heading: 'Shard', width: '40px', className: SMALL, cell: ({ shard }) => shard ?? NONE },
  {
    name: 'node',
    heading: 'Node',
    width: 'minmax(60px, 1fr)',
    className: SMALL,
    title: ({ node_name }) => (node_name === null ? undefined : visibleText(node_name)),
    cell: ({ node_name }) => (node_name === null ? NONE : excerpt(node_name, 60)),
  },
  {
    name: 'duration',
    heading: 'Duration',
    width: '62px',
    align: 'right',
    className: SMALL,
    cell: (run) => <RunDuration run={run} />,
  },
  {
    name: 'items',
    heading: 'Looked at',
    width: '56px',
    align: 'right',
    className: SMALL,
    cell: ({ items }) => number(items),
  },
  {
    name: 'changed',
    heading: 'Changed',
    width: '52px',
    align: 'right',
    className: SMALL,
    cell: ({ changed }) => number(changed),
  },
  {
    name: 'error',
    heading: 'Error',
    width: 'minmax(70px, 1.4fr)',
    className: 'one-line text-xs',
    cell: ({ error }) => (error === null ? '' : excerpt(error, ERROR_SHOWN)),
  },
];

export interface RunLogProps {
  worker: Worker;
  isFailedOnly: boolean;
  onFailedOnly(isFailedOnly: boolean): void;
}

export function RunLog({ worker, isFailedOnly, onFailedOnly }: RunLogProps) {
  const { query, rows, more } = useWorkerRuns(worker, isFailedOnly);
  const scrollRef = useRef<HTMLDivElement>(null);
  const [openId, setOpenId] = useState<string>();
  const open = rows.find(({ id }) => id === openId);
  const isEmpty = rows.length === 0 && !more.hasMore;
  return (
    <PagedList
      query={query}
      head={
        <div className="flex h-10 shrink-0 items-center gap-2 border-line border-b px-3 text-xs">
          <Switch label="Failed runs only" labelledBy="failed-only" checked={isFailedOnly} onChange={onFailedOnly} />
          <span id="failed-only" className="text-muted">
            Failed runs only
          </span>
        </div>
      }
    >
      {isEmpty ? (
        <EmptyState title={isFailedOnly ? 'No run failed' : 'It has not run yet'}>
          {isFailedOnly ? 'Of those that are kept in the log.' : '“Run now” has it run at once.'}
        </EmptyState>
      ) : (
        <RowGrid
          label={`Runs of ${worker.title}`}
          items={rows}
          columns={COLUMNS}
          openId={openId}
          onOpen={({ id }) => setOpenId(id === openId ? undefined : id)}
          more={more}
          count={plural(rows.length, isFailedOnly ? 'failed run' : 'run')}
          scrollRef={scrollRef}
        />
      )}
      {open && <RunDetails run={open} onClose={() => setOpenId(undefined)} />}
    </PagedList>
  );
}

/** Counts while it runs. */
function RunDuration({ run }: { run: RunRow }) {
  if (run.duration_ms !== null) return duration(run.duration_ms);
  return run.started_at === null ? NONE : <Elapsed since={run.started_at} />;
}

export function Elapsed({ since }: { since: string }) {
  return <span className="tabular-nums">{longDuration(useNow() - Date.parse(since))}</span>;
}
