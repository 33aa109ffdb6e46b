/** The log: what the agent and persons did to heal, and what came of it. */
import { Wrench } from 'lucide-react';
import { useRef } from 'react';
import type { OpsAction } from '../../../../src-contract/index.ts';
import { PagedList } from '../../../lists/PagedList.tsx';
import { Button } from '../../../ui/Button.tsx';
import { localTimes } from '../../../ui/content/local-times.ts';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { duration, longDuration } from '../../../ui/duration.ts';
import { fullTime, plural } from '../../../ui/format.ts';
import { type Column, RowGrid } from '../../../ui/rows/RowGrid.tsx';
import { EmptyState } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { useNow } from '../../../ui/use-now.ts';
import { isUnderWay, REMEDIATORS } from '../words/action-words.ts';
import { labelWords } from '../words/labels.ts';
import { hasFilters, NO_FILTERS } from './actions-search.ts';
import { ActionDrawer } from './components/ActionDrawer.tsx';
import { ActionStateBadge } from './components/ActionStateBadge.tsx';
import { ActionsBar } from './components/ActionsBar.tsx';
import { useActions } from './hooks/use-actions.ts';
import { useActionsSearch } from './hooks/use-actions-search.ts';
import { originWords } from './model/action-sentences.ts';

const SMALL = 'one-line text-[11px] text-muted tabular-nums';
const SHOWN = 300;

const COLUMNS: readonly Column<OpsAction>[] = [
  {
    name: 'when',
    heading: 'When',
    width: '84px',
    className: SMALL,
    title: ({ created_at }) => fullTime(created_at),
    cell: ({ created_at }) => <Ago time={created_at} />,
  },
  {
    name: 'action',
    heading: 'Action',
    width: 'minmax(120px, 1fr)',
    className: 'one-line font-medium',
    cell: ({ remediator }) => REMEDIATORS[remediator],
  },
  {
    name: 'target',
    heading: 'Target',
    width: 'minmax(90px, 1fr)',
    className: 'one-line text-xs',
    title: ({ target }) => labelWords(target),
    cell: ({ target }) => excerpt(labelWords(target), SHOWN) || 'all of it',
  },
  {
    name: 'cause',
    heading: 'Cause',
    width: 'minmax(140px, 2.2fr)',
    className: 'one-line text-xs',
    title: ({ cause }) => excerpt(cause, SHOWN),
    cell: ({ cause }) => localTimes(excerpt(cause, SHOWN)),
  },
  {
    name: 'origin',
    heading: 'Origin',
    width: 'minmax(90px, 0.9fr)',
    className: SMALL,
    title: (action) => excerpt(originWords(action), SHOWN),
    cell: (action) => excerpt(originWords(action), SHOWN),
  },
  {
    name: 'attempt',
    heading: 'Attempt',
    width: '52px',
    align: 'right',
    className: SMALL,
    cell: ({ attempt }) => attempt,
  },
  {
    name: 'took',
    heading: 'Took',
    width: '72px',
    align: 'right',
    className: SMALL,
    cell: (action) => <Took action={action} />,
  },
  {
    name: 'state',
    heading: 'State',
    width: '128px',
    cell: ({ state }) => <ActionStateBadge state={state} />,
  },
];

export function ActionsView() {
  const { search, set } = useActionsSearch();
  const { query, rows, more } = useActions(search);
  const scrollRef = useRef<HTMLDivElement>(null);
  const isFiltered = hasFilters(search);
  return (
    <>
      <h2 className="sr-only">Log of actions</h2>
      <ActionsBar search={search} set={set} />
      <PagedList query={query}>
        {rows.length === 0 && !more.hasMore ? (
          isFiltered ? (
            <EmptyState
              icon={<Wrench />}
              title="Nothing like this was done"
              actions={<Button onClick={() => set(NO_FILTERS)}>Show all</Button>}
            />
          ) : (
            <EmptyState icon={<Wrench />} title="Nothing had to be done yet">
              What the ops agent does to heal, and what persons do, stands here with its cause and what came of it.
            </EmptyState>
          )
        ) : (
          <RowGrid
            label="Log of actions"
            items={rows}
            columns={COLUMNS}
            openId={search.action}
            onOpen={({ id }) => set({ action: id === search.action ? undefined : id })}
            more={more}
            count={plural(rows.length, 'action')}
            scrollRef={scrollRef}
          />
        )}
      </PagedList>
      {search.action !== undefined && (
        <ActionDrawer
          key={search.action}
          id={search.action}
          known={rows.find(({ id }) => id === search.action)}
          onClose={() => set({ action: undefined })}
        />
      )}
    </>
  );
}

/** Counts while it goes on. */
function Took({ action }: { action: OpsAction }) {
  if (action.duration_ms !== null) return duration(action.duration_ms);
  return isUnderWay(action) && action.started_at !== null ? <Elapsed since={action.started_at} /> : '–';
}

const Elapsed = ({ since }: { since: string }) => <>{longDuration(useNow() - Date.parse(since))}</>;
