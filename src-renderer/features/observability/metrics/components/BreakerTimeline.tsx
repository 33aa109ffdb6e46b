/** Circuit breakers over time: a row for each service, changing colour, pattern and word at the moment it changed. */
import { memo, useEffect, useMemo, useRef } from 'react';
import type { BreakerTransition } from '../../../../../src-contract/resilience.ts';
import { TimeTrack } from '../../../../ui/charts/TimeTrack.tsx';
import { stepWords } from '../../../../ui/charts/time-ticks.ts';
import { cx } from '../../../../ui/classes.ts';
import { longDuration } from '../../../../ui/duration.ts';
import { plural } from '../../../../ui/format.ts';
import { useServicesInUse, useTransitions } from '../hooks/use-transitions.ts';
import { gapsOf, lastStep } from '../model/chart-data.ts';
import { transitionsCsv } from '../model/csv.ts';
import { changesIn, type Segment, STATE_WORDS, shortName, type TimelineRow, timelineRows } from '../model/timeline.ts';
import { ChartCard, type ChartProps, imageWords } from './MetricsChart.tsx';
import { SEGMENT_LOOKS, timelineImage } from './timeline-looks.ts';

export const BreakerTimeline = memo(function BreakerTimeline({
  isFollowing,
  ...props
}: ChartProps & { isFollowing: boolean }) {
  const { chart, given, sync, isLarge, onSelect, onReset } = props;
  const { frame } = given;
  const { data: read, isError } = useTransitions(frame.from, isFollowing);
  const inUse = useServicesInUse();
  const rows = useMemo(() => rowsOf(given, read?.changes ?? [], inUse), [given, read, inUse]);
  const within = useMemo(() => changesIn(read?.changes ?? [], frame).toReversed(), [read, frame]);
  // At the end of the last step that has figures.
  const latest = lastStep(frame);
  const last = (frame.times[latest] ?? frame.from) + frame.step - 0.001;
  const describe = (step: number) => {
    const time = (frame.times[step] ?? frame.from) + frame.step / 2;
    return `${stepWords(frame.times[step] ?? frame.from)}: ${statesWords(rows, time)}`;
  };
  return (
    <ChartCard
      {...props}
      csv={() => transitionsCsv(within)}
      image={() => timelineImage(imageWords(chart, given), frame, rows, gapsOf(frame))}
    >
      <p className="px-3 pb-1 text-muted text-xs">
        {read === undefined
          ? isError
            ? 'What changed cannot be read now: states are as they were measured.'
            : 'Reading what changed …'
          : changesWords(within.length, read.isCut)}
      </p>
      <TimeTrack
        label={`${chart.title}, over time`}
        frame={{ ...frame, latest }}
        gaps={gapsOf(frame)}
        sync={sync}
        describe={describe}
        onSelect={onSelect}
        onReset={onReset}
        className={cx(isLarge ? 'min-h-0 flex-1 overflow-y-auto' : 'h-42 overflow-y-auto')}
        labels={rows.map((row) => <RowLabel key={row.name} row={row} last={last} sync={sync} />)}
      >
        {rows.map((row) => (
          <Row key={row.name} row={row} from={frame.from} to={frame.to} />
        ))}
      </TimeTrack>
    </ChartCard>
  );
});

function changesWords(count: number, isCut: boolean): string {
  if (isCut) return `The last ${plural(count, 'change')}: there were more, and before them states are as measured.`;
  return count === 0 ? 'Nothing changed in this time.' : `${plural(count, 'change')} in this time.`;
}

/** Rows that are told of one by one; of more, those that are not closed. */
const MOST_TOLD = 8;

function statesWords(rows: readonly TimelineRow[], time: number): string {
  const told = rows.map((row) => ({ name: row.name, state: stateAt(row, time) }));
  const named = told.length <= MOST_TOLD ? told : told.filter(({ state }) => state !== STATE_WORDS.closed);
  const words = named.map(({ name, state }) => `${name} ${state}`);
  if (named.length < told.length) words.push(`${plural(told.length - named.length, 'other')} closed`);
  return words.join(', ');
}

function rowsOf(
  { history, frame }: ChartProps['given'],
  changes: readonly BreakerTransition[],
  inUse: ReadonlySet<string> | undefined,
): TimelineRow[] {
  const sampled = new Map(
    history.lines.filter(({ series }) => series === 'breaker_state').map(({ line, values }) => [line, values] as const),
  );
  return timelineRows(frame, sampled, changes).filter(
    ({ name, segments }) => inUse === undefined || inUse.has(name) || segments.some(({ state }) => state !== 'closed'),
  );
}

function stateAt({ segments }: TimelineRow, time: number): string {
  const segment = segments.find(({ from, to }) => time >= from && time < to);
  return segment === undefined ? 'not measured' : STATE_WORDS[segment.state];
}

/** The name of a row, and how it was where the crosshair is, or when it was measured last. */
function RowLabel({ row, last, sync }: { row: TimelineRow; last: number; sync: ChartProps['sync'] }) {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = (time: number | null) => {
      const words = stateAt(row, time ?? last);
      if (place.current !== null && place.current.textContent !== words) place.current.textContent = words;
    };
    show(sync.time);
    return sync.subscribeWords(show);
  }, [row, last, sync]);
  return (
    <div className="flex h-6 items-center gap-2">
      <span title={row.name} className="one-line w-24">
        {shortName(row.name)}
      </span>
      <span>
        <span ref={place} className="one-line block h-4 w-20 text-faint leading-4 [contain:strict]" />
      </span>
    </div>
  );
}

/** Of the whole, from which on a word has room. */
const NAMED_SHARE = 0.12;

function Row({ row, from, to }: { row: TimelineRow; from: number; to: number }) {
  const part = (seconds: number) => `${(seconds / (to - from)) * 100}%`;
  return (
    <ol aria-label={row.name} className="relative h-6">
      {row.segments.map((segment) => (
        <li
          key={`${segment.from} ${segment.state}`}
          title={segmentWords(segment)}
          className={cx(
            'absolute inset-y-1 min-w-0.5 overflow-hidden whitespace-nowrap rounded-xs text-[10px] leading-4',
            SEGMENT_LOOKS[segment.state].className,
          )}
          style={{ left: part(segment.from - from), width: part(segment.to - segment.from) }}
        >
          {segment.to - segment.from > (to - from) * NAMED_SHARE && (
            <span className="px-1">{STATE_WORDS[segment.state]}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

/** `open since 10:03:07, for 30 s: connection refused`. */
function segmentWords({ from, to, state, change }: Segment): string {
  const why = change?.error ?? change?.reason;
  const who = change?.by ? ` by ${change.by}` : '';
  return `${STATE_WORDS[state]}${who} from ${stepWords(from)}, for ${longDuration((to - from) * 1000)}${why ? `: ${why}` : ''}`;
}
