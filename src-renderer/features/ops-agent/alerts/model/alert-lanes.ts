/** Alerts over time: a lane for each rule, a bar for each alert. Pure. */
import type { OpsAlert, OpsSeverity } from '../../../../../src-contract/index.ts';
import { OPS_SEVERITIES } from '../../../../../src-contract/ops-rules.ts';

export interface AlertBar {
  alert_id: string;
  /** In seconds since the epoch. */
  from: number;
  to: number;
  severity: OpsSeverity;
  /** False: its condition held, but not for long enough. */
  fired: boolean;
}

export interface Lane {
  /** Of the rule; undefined for those that have no lane of their own. */
  rule_id: string | undefined;
  name: string;
  count: number;
  bars: readonly AlertBar[];
}

/** Rules with a lane of their own, those with the most alerts; the others share the last. */
const MOST_LANES = 8;

/** @param now in seconds: where bars end that go on */
export function lanesOf(alerts: readonly OpsAlert[], now: number): Lane[] {
  const byRule = new Map<string, { name: string; bars: AlertBar[] }>();
  for (const alert of alerts) {
    const lane = byRule.get(alert.rule_id) ?? { name: alert.rule_name, bars: [] };
    lane.bars.push(barOf(alert, now));
    byRule.set(alert.rule_id, lane);
  }
  const lanes = [...byRule]
    .map(([rule_id, { name, bars }]): Lane => ({ rule_id, name, bars, count: bars.length }))
    .sort((one, other) => other.count - one.count || one.name.localeCompare(other.name));
  if (lanes.length <= MOST_LANES) return lanes;
  const rest = lanes.slice(MOST_LANES - 1);
  const bars = rest.flatMap((lane) => lane.bars);
  const name = `${rest.length} other rules`;
  return [...lanes.slice(0, MOST_LANES - 1), { rule_id: undefined, name, bars, count: bars.length }];
}

function barOf({ id, severity, state, started_at, ended_at }: OpsAlert, now: number): AlertBar {
  const fired = state.state === 'pending' ? null : state.since;
  const from = Date.parse(fired ?? started_at) / 1000;
  const to = ended_at === null ? now : Date.parse(ended_at) / 1000;
  return { alert_id: id, from, to: Math.max(from, to), severity, fired: fired !== null };
}

/** Units that a lane is wide and high when it is drawn; it is stretched to its place. */
export const LANE_WIDTH = 1000;
export const LANE_HEIGHT = 16;
/** What is shorter is seen still. */
const LEAST_WIDTH = 2;
/** The worse, the higher: told apart without colours. */
const HEIGHTS: Readonly<Record<OpsSeverity, number>> = { low: 5, medium: 8, high: 11, critical: 14 };

export interface LanePath {
  severity: OpsSeverity;
  fired: boolean;
  /** For the `d` of an SVG path. */
  d: string;
}

/** All bars of a kind as one path: ten thousand of them are drawn at once. Those that touch become one. */
export function lanePaths(bars: readonly AlertBar[], from: number, to: number): LanePath[] {
  const paths: LanePath[] = [];
  for (const fired of [false, true]) {
    // The worst last: it lies on top.
    for (const severity of OPS_SEVERITIES) {
      const own = bars.filter((bar) => bar.severity === severity && bar.fired === fired);
      const d = pathOf(own, from, to, HEIGHTS[severity]);
      if (d !== '') paths.push({ severity, fired, d });
    }
  }
  return paths;
}

function pathOf(bars: readonly AlertBar[], from: number, to: number, height: number): string {
  const at = (time: number) => Math.max(0, Math.min(LANE_WIDTH, ((time - from) / (to - from)) * LANE_WIDTH));
  const within = bars.filter((bar) => bar.to >= from && bar.from <= to).sort((one, other) => one.from - other.from);
  const stretches: { begin: number; end: number }[] = [];
  for (const bar of within) {
    const begin = Math.min(at(bar.from), LANE_WIDTH - LEAST_WIDTH);
    const end = Math.max(at(bar.to), begin + LEAST_WIDTH);
    const last = stretches.at(-1);
    if (last !== undefined && begin <= last.end) last.end = Math.max(last.end, end);
    else stretches.push({ begin, end });
  }
  return stretches
    .map(({ begin, end }) => `M${round(begin)} ${LANE_HEIGHT}v-${height}h${round(end - begin)}v${height}z`)
    .join('');
}

const round = (units: number): number => Math.round(units * 10) / 10;

/** Those that were at that time; in words, those that fired. */
export const barsAt = (bars: readonly AlertBar[], time: number): AlertBar[] =>
  bars.filter(({ from, to }) => from <= time && to >= time);

/** The bar that a person means who points at a time: one that is there, the shortest, or else the next that is near. */
export function barNear(bars: readonly AlertBar[], time: number, reach: number): AlertBar | undefined {
  const distance = ({ from, to }: AlertBar) => (time < from ? from - time : time > to ? time - to : 0);
  return bars
    .filter((bar) => distance(bar) <= reach)
    .sort((one, other) => distance(one) - distance(other) || one.to - one.from - (other.to - other.from))[0];
}
