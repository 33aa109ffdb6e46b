/** Dead letters: what could not be delivered, why, and what can be done about it. */

import { Download, History, MailCheck, MoreHorizontal, RotateCcw, SearchX, Trash2, X } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import type { DeadLetterSelection } from '../../../../src-contract/index.ts';
import { tellIfReadOnly } from '../../../app/read-only.ts';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { inUseOf, useChosen, useSelection } from '../../../lists/use-selection.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { number } from '../../../ui/format.ts';
import { Menu, MenuItem, MenuLine } from '../../../ui/Menu.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { useSubscriberNames } from '../hooks/use-subscriber-names.ts';
import { DiscardDialog } from './components/DiscardDialog.tsx';
import { LetterDrawer } from './components/LetterDrawer.tsx';
import { LetterFilters } from './components/LetterFilters.tsx';
import { LetterSummary } from './components/LetterSummary.tsx';
import { LetterTable } from './components/LetterTable.tsx';
import { ReplayLogDialog } from './components/ReplayLogDialog.tsx';
import { ReplayManyDialog } from './components/ReplayManyDialog.tsx';
import { ReplayRuns } from './components/ReplayRuns.tsx';
import { hasFilters, NO_FILTERS } from './dead-letters-search.ts';
import { useLetterActions } from './hooks/use-letter-actions.ts';
import { useLetterList } from './hooks/use-letter-list.ts';
import { useLetterStats } from './hooks/use-letter-stats.ts';
import { useLettersSearch } from './hooks/use-letters-search.ts';
import { filterOf, letterInput } from './letter-filter.ts';

/** What stands over the list and waits for an answer. */
type Asking =
  | { kind: 'replay' | 'discard'; select: DeadLetterSelection }
  | { kind: 'log'; run_id?: string }
  | undefined;

export function DeadLettersView() {
  const { search, set } = useLettersSearch();
  const nameOf = useSubscriberNames();
  const stats = useLetterStats();
  const { exportAll, isBusy, blocked } = useLetterActions();
  const [asking, setAsking] = useState<Asking>();
  const selection = useSelection();
  const scrollRef = useRef<HTMLDivElement>(null);
  const inputRef = useRef<HTMLInputElement>(null);
  const list = useLetterList(search, () => inUseOf(scrollRef.current, list.items, selection));
  useKeys({ '/': () => inputRef.current?.focus() });
  const { chosen, ids: inSight } = useChosen(list, selection);
  const dead = chosen.filter(({ life }) => life.state === 'dead').map(({ id }) => id);
  const filter: DeadLetterSelection = { by: 'filter', filter: filterOf(search) };
  const mayHoldDead = search.state === undefined || search.state.includes('dead');
  const discard = (ids: readonly string[]) => {
    if (tellIfReadOnly()) return;
    const those = list.items.filter(({ id, life }) => ids.includes(id) && life.state === 'dead').map(({ id }) => id);
    if (those.length > 0) setAsking({ kind: 'discard', select: { by: 'ids', ids: those } });
  };

  return (
    <>
      <h2 className="sr-only">Dead letters</h2>
      {stats.data && <LetterSummary stats={stats.data} nameOf={nameOf} search={search} set={set} />}
      <div className="flex flex-wrap items-center gap-2 border-line border-b px-3 py-2">
        <Button
          look="primary"
          blocked={blocked}
          disabled={!mayHoldDead || (stats.data?.dead ?? 1) === 0}
          icon={<RotateCcw className="size-3.5" />}
          onClick={() => setAsking({ kind: 'replay', select: filter })}
        >
          Replay all{hasFilters(search) && ' that match'}
        </Button>
        <Menu
          align="start"
          trigger={<IconButton label="More" className="size-8" icon={<MoreHorizontal className="size-4" />} />}
        >
          <MenuItem icon={<History />} onSelect={() => setAsking({ kind: 'log' })}>
            Log of replays
          </MenuItem>
          <MenuItem icon={<Download />} disabled={isBusy} onSelect={() => void exportAll(letterInput(search))}>
            Export all that match (10,000 or 64 MB at most)
          </MenuItem>
          <MenuLine />
          <MenuItem
            icon={<Trash2 />}
            danger
            blocked={blocked}
            disabled={!mayHoldDead}
            onSelect={() => setAsking({ kind: 'discard', select: filter })}
          >
            Discard all that match …
          </MenuItem>
        </Menu>
        <LetterFilters search={search} set={set} inputRef={inputRef} nameOf={nameOf} />
      </div>
      <ReplayRuns onLog={({ id }) => setAsking({ kind: 'log', run_id: id })} />
      {chosen.length > 0 && (
        <section
          aria-label="Selected dead letters"
          className="flex h-11 items-center gap-1.5 border-line border-b bg-accent-soft px-3"
        >
          <span role="status" className="mr-1 font-medium text-accent-text tabular-nums">
            {number(chosen.length)} selected
            {dead.length < chosen.length && `, ${number(dead.length)} of them dead`}
          </span>
          <Button
            size="small"
            icon={<RotateCcw className="size-3.5" />}
            disabled={dead.length === 0}
            blocked={blocked}
            onClick={() => setAsking({ kind: 'replay', select: { by: 'ids', ids: dead } })}
          >
            Replay
          </Button>
          <Button
            size="small"
            className="text-bad"
            icon={<Trash2 className="size-3.5" />}
            disabled={dead.length === 0}
            blocked={blocked}
            onClick={() => discard(dead)}
          >
            Discard
          </Button>
          <span className="flex-1" />
          <IconButton
            label="Select none"
            keys="Esc"
            icon={<X className="size-4" />}
            onClick={() => selection.clear()}
          />
        </section>
      )}
      {body()}
      {search.letter !== undefined && (
        <LetterDrawer
          key={search.letter}
          letter_id={search.letter}
          nameOf={nameOf}
          onClose={() => set({ letter: undefined })}
        />
      )}
      {dialogs()}
    </>
  );

  function dialogs(): ReactNode {
    const close = () => setAsking(undefined);
    switch (asking?.kind) {
      case undefined:
        return null;
      case 'replay':
        return <ReplayManyDialog select={asking.select} onClose={close} onStarted={() => selection.clear()} />;
      case 'discard':
        return <DiscardDialog select={asking.select} onClose={close} onDone={() => selection.clear()} />;
      case 'log':
        return (
          <ReplayLogDialog
            run_id={asking.run_id}
            nameOf={nameOf}
            onOpen={(letter) => {
              close();
              set({ letter });
            }}
            onClose={close}
          />
        );
    }
  }

  function body(): ReactNode {
    if (list.isLoading) return <SkeletonRows rows={14} />;
    if (list.error !== null) return <ErrorState error={list.error} onRetry={list.retry} />;
    if (list.items.length === 0) {
      if (hasFilters(search)) {
        return (
          <EmptyState
            icon={<SearchX />}
            title="No dead letter matches these filters"
            actions={<Button onClick={() => set(NO_FILTERS)}>Clear filters</Button>}
          />
        );
      }
      return (
        <EmptyState icon={<MailCheck />} title="Nothing is dead">
          An event that a subscriber, such as a webhook, could not take after its last attempt is kept here with the
          reason: to be looked at, replayed as it is or edited, or discarded. Nothing is lost meanwhile.
        </EmptyState>
      );
    }
    return (
      <LetterTable
        key={list.key}
        list={list}
        nameOf={nameOf}
        selected={inSight}
        onSelect={selection.select}
        openId={search.letter}
        onOpen={({ id }) => set({ letter: id })}
        onDelete={discard}
        scrollRef={scrollRef}
      />
    );
  }
}
