import type { RefObject } from 'react';
import { FeedPause, type FeedPauseProps } from '../../../../lists/feed/FeedPause.tsx';
import { FilterText } from '../../../../ui/filters/FilterText.tsx';
import { RangeFilter } from '../../../../ui/filters/RangeFilter.tsx';
import type { FeedSearchControl } from '../hooks/use-feed-search.ts';
import { FeedChips } from './FeedChips.tsx';
import { TypeFilter } from './TypeFilter.tsx';
import { UserFilter } from './UserFilter.tsx';

export interface FeedBarProps extends FeedSearchControl, FeedPauseProps {
  inputRef: RefObject<HTMLInputElement | null>;
}

export function FeedBar({ search, set, inputRef, isPaused, onPause, held }: FeedBarProps) {
  return (
    <div className="space-y-2 border-line border-b px-3 py-2">
      <div className="flex items-center gap-2">
        <FeedPause isPaused={isPaused} onPause={onPause} held={held} />
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
