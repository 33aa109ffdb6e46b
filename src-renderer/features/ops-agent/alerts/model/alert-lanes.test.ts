import { describe, expect, it } from 'vitest';
import type { OpsAlert, OpsSeverity } from '../../../../../src-contract/index.ts';
import { barNear, barsAt, LANE_WIDTH, lanePaths, lanesOf } from './alert-lanes.ts';

const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

function alert(rule: string, from: number, to: number | undefined, severity: OpsSeverity = 'high'): OpsAlert {
  return {
    id: `${rule} ${from}`,
    fingerprint: rule,
    rule_id: rule,
    rule_name: `Rule ${rule}`,
    severity,
    labels: {},
    summary: rule,
    cause: null,
    advice: null,
    signal: 'dead_letters',
    value: 1,
    worst: 1,
    limit: 0,
    notify: true,
    state:
      to === undefined ? { state: 'firing', since: iso(from) } : { state: 'resolved', since: iso(from), at: iso(to) },
    started_at: iso(from),
    ended_at: to === undefined ? null : iso(to),
    fired: 1,
    unknown_since: null,
    acknowledged: null,
    silenced_by: null,
    inhibited_by: null,
    escalation: 0,
  };
}

describe('the lanes of alerts', () => {
  it('are of rules, the one with the most first, and what goes on ends now', () => {
    const lanes = lanesOf([alert('b', 10, 20), alert('a', 10, undefined), alert('b', 40, 50)], 100);
    expect(lanes.map(({ name, count }) => [name, count])).toEqual([
      ['Rule b', 2],
      ['Rule a', 1],
    ]);
    expect(lanes[1]?.bars).toEqual([{ alert_id: 'a 10', from: 10, to: 100, severity: 'high', fired: true }]);
  });

  it('are at most eight: the rules with the fewest share the last', () => {
    const alerts = Array.from({ length: 12 }, (_, rule) =>
      Array.from({ length: 12 - rule }, (_, at) => alert(`r${rule}`, at * 10, at * 10 + 5)),
    ).flat();
    const lanes = lanesOf(alerts, 1000);
    expect(lanes.map(({ name }) => name)).toEqual([
      ...Array.from({ length: 7 }, (_, rule) => `Rule r${rule}`),
      '5 other rules',
    ]);
    expect(lanes.reduce((sum, { count }) => sum + count, 0)).toBe(alerts.length);
  });

  it('shows what never fired apart', () => {
    const pending = {
      ...alert('a', 10, 20),
      state: { state: 'resolved', since: null, at: iso(20) },
    } satisfies OpsAlert;
    const [lane] = lanesOf([pending, alert('a', 30, 40)], 100);
    expect(lanePaths(lane?.bars ?? [], 0, 100).map(({ fired, d }) => [fired, d])).toEqual([
      [false, 'M100 16v-11h100v11z'],
      [true, 'M300 16v-11h100v11z'],
    ]);
  });

  it('draws what is short so that it is seen, what touches as one, and nothing of what is not in sight', () => {
    const [lane] = lanesOf([alert('a', 500, 500.1), alert('a', 500.5, 600), alert('a', 2000, 2100)], 3000);
    expect(lanePaths(lane?.bars ?? [], 0, 1000).map(({ d }) => d)).toEqual(['M500 16v-11h100v11z']);
    const [late] = lanesOf([alert('a', 999.9, undefined)], 1000);
    expect(lanePaths(late?.bars ?? [], 0, 1000)[0]?.d).toBe(`M${LANE_WIDTH - 2} 16v-11h2v11z`);
  });

  it('is as quickly drawn with ten thousand alerts: they become few stretches', () => {
    const alerts = Array.from({ length: 10_000 }, (_, at) => alert('a', at, at + 2));
    const [path] = lanePaths(lanesOf(alerts, 20_000)[0]?.bars ?? [], 0, 10_002);
    expect(path?.d).toBe('M0 16v-11h1000v11z');
  });

  it('knows which alert a person points at', () => {
    const bars = lanesOf([alert('a', 0, 1000), alert('a', 100, 120), alert('a', 2000, 2010)], 3000)[0]?.bars ?? [];
    expect(barNear(bars, 110, 5)?.alert_id).toBe('a 100');
    expect(barNear(bars, 500, 5)?.alert_id).toBe('a 0');
    expect(barNear(bars, 1990, 15)?.alert_id).toBe('a 2000');
    expect(barNear(bars, 1500, 15)).toBeUndefined();
    expect(barsAt(bars, 110).map(({ from }) => from)).toEqual([0, 100]);
  });
});
