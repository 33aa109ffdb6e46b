import { Pause, Play } from 'lucide-react';
import { Button } from '../../ui/Button.tsx';
import { number } from '../../ui/format.ts';
import { Kbd } from '../../ui/Kbd.tsx';

export interface FeedPauseProps {
  isPaused: boolean;
  onPause(isPaused: boolean): void;
  /** Rows that have come and are not shown. */
  held: number;
}

/** Stops a feed and lets it go on, and tells how many rows are held back. */
export function FeedPause({ isPaused, onPause, held }: FeedPauseProps) {
  return (
    <>
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
      {/* The number would be announced anew with each row. */}
      <span role="status" className="sr-only">
        {isPaused && 'Paused'}
      </span>
      <span className="shrink-0 text-warn text-xs tabular-nums">{(isPaused || held > 0) && `${number(held)} new`}</span>
    </>
  );
}
