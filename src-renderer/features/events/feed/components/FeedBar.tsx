import { Pause, Play } from 'lucide-react';
import type { RefObject } from 'react';
import { Button } from '../../../../ui/Button.tsx';
import { FilterText } from '../../../../ui/filters/FilterText.tsx';
import { RangeFilter } from '../../../../ui/filters/RangeFilter.tsx';
import { number } from '../../../../ui/format.ts';
import { Kbd } from '../../../../ui/Kbd.tsx';
import type { FeedSearchControl } from '../hooks/use-feed-search.ts';
import { FeedChips } from './FeedChips.tsx';
import { TypeFilter } from './TypeFilter.tsx';
import { UserFilter } from './UserFilter.tsx';

export interface FeedBarProps extends FeedSearchControl {
  inputRef: RefObject<HTMLInputElement | null>;
  isPaused: boolean;
  onPause(isPaused: boolean): void;
  held: number;
}

export function FeedBar({ search, set, inputRef, isPaused, onPause, held }: FeedBarProps) {
  return (
    <div className="space-y-2 border-line border-b px-3 py-2">
      <div className="flex items-center gap-2">
        <Button
          size="small"
          className="h-8 w-26"
          look={isPaused ? 'primary' : 'plain'}
          icon={isPaused ? <Play className="size-3.5" /> : <Pause className="size-3.5" />}
          aria-keyshortcuts="p"
          onClick={() => onPause(!isPaused)}
        >
          {isPaused ? 'Resume' : 'Pause'} <Kbd keys="P" />
        </Button>
        {/* The number would be announced anew with each event. */}
        <span role="status" className="sr-only">
          {isPaused && 'Paused'}
        </span>
        <span className="shrink-0 text-warn text-xs tabular-nums">
          {(isPaused || held > 0) && `${number(held)} new`}
        </span>
        <FilterText
          label="Find in payloads"
          placeholder="Find text in payloads"
          maxLength={1000}
          value={search.q}
          onChange={(q) => set({ q }, { replace: true })}
          inputRef={inputRef}
        />
        <TypeFilter search={search} set={set} />
        <UserFilter search={search} set={set} />
        <RangeFilter search={search} set={set} />
      </div>
      <FeedChips search={search} set={set} />
    </div>
  );
}
