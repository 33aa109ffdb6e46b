/** Which time the charts are of, and whether they follow it. */
import { ChevronLeft, ChevronRight, RefreshCw, ZoomOut } from 'lucide-react';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { Switch } from '../../../../ui/fields.tsx';
import { fullTime } from '../../../../ui/format.ts';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { engineNow } from '../hooks/engine-clock.ts';
import type { MetricsSearchControl } from '../hooks/use-metrics-search.ts';
import { rangeWords } from '../model/range-words.ts';
import { DEFAULT_LAST, endsNow, LAST, LAST_NAMES, shifted, spanOf } from '../model/time-range.ts';
import { CustomRange } from './CustomRange.tsx';

export interface RangeBarProps extends MetricsSearchControl {
  isReading: boolean;
  /** Seconds of a step; undefined before the first figures. */
  step: number | undefined;
  onReadNow(): void;
  /** When the figures were read; undefined before the first ones, and while they are read by themselves. */
  read_at_ms: number | undefined;
}

const OPTIONS = LAST_NAMES.map((value) => ({ value, label: LAST[value].label }));

export function RangeBar({ search, range, set, goTo, isReading, step, onReadNow, read_at_ms }: RangeBarProps) {
  const now_ms = engineNow();
  const span = spanOf(range, now_ms);
  const earlier = shifted(span, 'earlier', now_ms);
  const later = endsNow(range) ? undefined : shifted(span, 'later', now_ms);
  const isNamed = range.kind === 'last';
  return (
    <section
      aria-label="Time range"
      className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-line border-b px-3 py-1.5"
    >
      <Segmented
        label="Time range"
        // None of them is on while a span is shown.
        value={isNamed ? range.name : ('' as typeof DEFAULT_LAST)}
        options={OPTIONS}
        onChange={(name) => set({ range: name, from: undefined, to: undefined })}
      />
      <CustomRange range={range} goTo={goTo} />
      <IconButton
        label="Half of it earlier"
        icon={<ChevronLeft className="size-4" />}
        disabled={earlier === undefined}
        onClick={() => goTo(earlier)}
      />
      <IconButton
        label="Half of it later"
        icon={<ChevronRight className="size-4" />}
        disabled={later === undefined}
        onClick={() => goTo(later)}
      />
      {!isNamed && (
        <Button size="small" icon={<ZoomOut className="size-3.5" />} onClick={() => goTo(undefined)}>
          Back to the last {LAST[search.range ?? DEFAULT_LAST].label}
        </Button>
      )}
      <p className="min-w-0 flex-1 text-muted text-xs tabular-nums">
        <span className="one-line block">
          {rangeWords(range)}
          {read_at_ms !== undefined && ` up to ${fullTime(new Date(read_at_ms).toISOString())}`}
          {step !== undefined && <span className="text-faint"> · a figure every {stepWords(step)}</span>}
        </span>
      </p>
      <span id="metrics-follow" className="text-muted text-xs">
        Follow
      </span>
      <Switch
        label="Follow"
        labelledBy="metrics-follow"
        checked={endsNow(range) && search.paused !== true}
        onChange={(isOn) => {
          if (isOn) set({ paused: undefined, ...(endsNow(range) ? {} : { from: undefined, to: undefined }) });
          else set({ paused: true }, { replace: true });
        }}
      />
      <IconButton
        label="Read now"
        icon={<RefreshCw className={isReading ? 'size-3.5 animate-spin' : 'size-3.5'} />}
        onClick={onReadNow}
      />
    </section>
  );
}

function stepWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${seconds / 60} min`;
  return seconds < 86_400 ? `${seconds / 3600} h` : `${seconds / 86_400} d`;
}
