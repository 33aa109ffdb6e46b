/** When alerts fired: a lane for each rule over the time that is shown. The list under it tells the same. */
import { useMemo } from 'react';
import { ChartSync } from '../../../../ui/charts/chart-sync.ts';
import { TimeTrack } from '../../../../ui/charts/TimeTrack.tsx';
import { stepWords } from '../../../../ui/charts/time-ticks.ts';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { number, plural } from '../../../../ui/format.ts';
import { Skeleton, StaleNotice } from '../../../../ui/states.tsx';
import type { useAllAlerts } from '../hooks/use-alert-list.ts';
import {
  barNear,
  barsAt,
  LANE_HEIGHT,
  LANE_WIDTH,
  type Lane,
  type LanePath,
  lanePaths,
  lanesOf,
} from '../model/alert-lanes.ts';
import type { AlertSpan } from '../model/alert-range.ts';
import { stretchOf } from '../model/alert-range.ts';

/** Times that the keyboard goes through. */
const STEPS = 120;
const LANE_PX = 24;
/** Of the whole, how far beside a bar one may point. */
const REACH = 0.01;

export interface AlertStripProps {
  query: ReturnType<typeof useAllAlerts>;
  span: AlertSpan;
  /** For the end of bars that go on. */
  now_ms: number;
  onStretch(stretch: { from: string; to: string } | undefined): void;
  onRule(rule_id: string): void;
  onOpen(alert_id: string): void;
}

export function AlertStrip({ query, span, now_ms, onStretch, onRule, onOpen }: AlertStripProps) {
  const sync = useMemo(() => new ChartSync(), []);
  const { data, isError, error, isPlaceholderData } = query;
  const [from, to] = [span.from_ms / 1000, (span.endsNow ? now_ms : span.to_ms) / 1000];
  const lanes = useMemo(() => lanesOf(data?.alerts ?? [], now_ms / 1000), [data, now_ms]);
  const frame = useMemo(() => {
    const step = (to - from) / STEPS;
    return { times: Array.from({ length: STEPS }, (_, at) => from + at * step), from, to, latest: STEPS - 1 };
  }, [from, to]);
  if (data === undefined) {
    if (!isError) return <Skeleton className="m-3 h-20" />;
    return (
      <div className="p-2">
        <StaleNotice error={error} onRetry={() => void query.refetch()} />
      </div>
    );
  }
  if (lanes.length === 0) return null;
  const describe = (step: number) => {
    const time = frame.times[step] ?? from;
    const found = lanes
      .map((lane) => ({ name: lane.name, count: barsAt(lane.bars, time).length }))
      .filter(({ count }) => count > 0)
      .map(({ name, count }) => `${visibleText(name)} ${number(count)}`);
    return `${stepWords(time)}: ${found.length === 0 ? 'no alerts' : found.join(', ')}`;
  };
  const pick = (time: number, y: number) => {
    const lane = lanes[Math.floor(y / LANE_PX)];
    const bar = lane && barNear(lane.bars, time, (to - from) * REACH);
    if (bar !== undefined) onOpen(bar.alert_id);
  };
  return (
    <section
      aria-label="When alerts fired"
      className={cx('border-line border-b pt-2', isPlaceholderData && 'opacity-60')}
    >
      <TimeTrack
        label="Alerts over time"
        frame={frame}
        gaps={[]}
        sync={sync}
        describe={describe}
        onSelect={(one, other) => onStretch(stretchOf(one, other))}
        onReset={() => onStretch(undefined)}
        onPick={pick}
        labels={lanes.map((lane) => <LaneLabel key={lane.rule_id ?? ''} lane={lane} onRule={onRule} />)}
      >
        {lanes.map((lane) => (
          <LaneBars key={lane.rule_id ?? ''} lane={lane} from={from} to={to} />
        ))}
      </TimeTrack>
      <p className="flex gap-3 px-3 pb-1.5 text-[11px] text-faint">
        <span>
          {plural(data.alerts.length, 'alert')}
          {data.isCut && ', the newest: there are more'}
        </span>
        <span>The higher a bar, the worse. Drag over a time to look closer; double-click goes back.</span>
      </p>
    </section>
  );
}

function LaneLabel({ lane: { rule_id, name, count }, onRule }: { lane: Lane; onRule(rule_id: string): void }) {
  return (
    <div className="flex items-center gap-2 pr-3" style={{ height: LANE_PX }}>
      {rule_id === undefined ? (
        <span className="one-line flex-1 text-faint">{name}</span>
      ) : (
        <button
          type="button"
          dir="auto"
          title={`Only of ${visibleText(name)}`}
          onClick={() => onRule(rule_id)}
          className="one-line min-w-0 flex-1 text-left text-muted hover:text-text"
        >
          {visibleText(name)}
        </button>
      )}
      <span className="text-faint tabular-nums">{number(count)}</span>
    </div>
  );
}

const FILLS: Readonly<Record<LanePath['severity'], string>> = {
  critical: 'fill-bad',
  high: 'fill-warn',
  medium: 'fill-accent-text',
  low: 'fill-muted',
};

function LaneBars({ lane, from, to }: { lane: Lane; from: number; to: number }) {
  const paths = useMemo(() => lanePaths(lane.bars, from, to), [lane.bars, from, to]);
  return (
    <div className="flex items-center border-line/60 border-b" style={{ height: LANE_PX }}>
      <svg
        aria-hidden="true"
        viewBox={`0 0 ${LANE_WIDTH} ${LANE_HEIGHT}`}
        preserveAspectRatio="none"
        className="h-4 w-full"
      >
        {paths.map(({ severity, fired, d }) => (
          <path key={`${severity} ${fired}`} d={d} className={cx(FILLS[severity], !fired && 'opacity-35')} />
        ))}
      </svg>
    </div>
  );
}
