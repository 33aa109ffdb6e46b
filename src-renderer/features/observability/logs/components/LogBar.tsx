import { ArrowUpToLine, Download, WrapText } from 'lucide-react';
import type { RefObject } from 'react';
import { useDialogs } from '../../../../app/dialog-store.ts';
import { FeedPause, type FeedPauseProps } from '../../../../lists/feed/FeedPause.tsx';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { FilterChips, without } from '../../../../ui/filters/FilterChips.tsx';
import { FilterText } from '../../../../ui/filters/FilterText.tsx';
import { RangeFilter } from '../../../../ui/filters/RangeFilter.tsx';
import { momentOf } from '../../../../ui/moment.ts';
import type { LogsSearchControl } from '../hooks/use-logs-search.ts';
import { ComponentFilter } from './ComponentFilter.tsx';
import { LevelFilter } from './LevelFilter.tsx';
import { LogLevelMenu } from './LogLevelMenu.tsx';

export interface LogBarProps extends LogsSearchControl, FeedPauseProps {
  inputRef: RefObject<HTMLInputElement | null>;
  isWrapped: boolean;
  onWrap(isWrapped: boolean): void;
  onNewest(): void;
}

export function LogBar(props: LogBarProps) {
  const { search, set, inputRef, isPaused, onPause, isWrapped, onWrap, onNewest, held } = props;
  const openDialog = useDialogs((store) => store.open);
  return (
    <div className="space-y-2 border-line border-b px-3 py-2">
      <div className="flex flex-wrap items-center gap-2">
        <FeedPause isPaused={isPaused} onPause={onPause} held={held} />
        <FilterText
          label="Find in the log"
          placeholder="Find text in the log"
          maxLength={1000}
          value={search.q}
          onChange={(q) => set({ q }, { replace: true })}
          inputRef={inputRef}
        />
        <LevelFilter search={search} set={set} />
        <ComponentFilter search={search} set={set} />
        <RangeFilter search={search} set={set} />
        <IconButton label="Jump to newest" keys="G" icon={<ArrowUpToLine className="size-4" />} onClick={onNewest} />
        <IconButton
          label="Wrap long lines"
          keys="W"
          pressed={isWrapped}
          icon={<WrapText className="size-4" />}
          onClick={() => onWrap(!isWrapped)}
        />
        <LogLevelMenu />
        <Button
          size="small"
          className="h-8"
          icon={<Download className="size-3.5" />}
          onClick={() => openDialog('diagnostics')}
        >
          Export diagnostics
        </Button>
      </div>
      <Chips search={search} set={set} />
    </div>
  );
}

function Chips({ search: { level, component = [], q, from, to }, set }: LogsSearchControl) {
  const chips = [
    ...(level === undefined
      ? []
      : [{ key: 'level', text: `${level} and above`, remove: () => set({ level: undefined }) }]),
    ...component.map((one) => ({
      key: `component ${one}`,
      text: one,
      remove: () => set({ component: without(component, one) }),
    })),
    ...(q === undefined ? [] : [{ key: 'q', text: `“${q}”`, remove: () => set({ q: undefined }) }]),
    ...(from === undefined
      ? []
      : [{ key: 'from', text: `from ${momentOf(from)}`, remove: () => set({ from: undefined }) }]),
    ...(to === undefined ? [] : [{ key: 'to', text: `before ${momentOf(to)}`, remove: () => set({ to: undefined }) }]),
  ];
  return <FilterChips chips={chips} />;
}
