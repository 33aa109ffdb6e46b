import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LoggedRound } from '../records/round-log.ts';
import type { Period } from './period.ts';
import { Uptime } from './uptime.ts';

const TICK_MS = 10_000;
type State = 'up' | 'down' | 'unknown';

/** A round of whole ticks; `level` of the database, undefined where its health was not told. */
interface Drawn {
  at: number;
  covered: number;
  level: number | undefined;
}

const roundOf = ({ at, covered, level }: Drawn): LoggedRound => ({
  at_ms: at * TICK_MS,
  covered_ms: covered * TICK_MS,
  failed: [],
  observations:
    level === undefined
      ? []
      : [{ signal: 'component_status', labels: { component: 'database', node: 'a' }, value: level }],
});

function tallyOf(rounds: readonly Drawn[], period: Period): Uptime {
  const uptime = new Uptime(period);
  for (const round of rounds) uptime.add(roundOf(round));
  return uptime;
}

/** Every tick of the period painted by hand. */
function painted(rounds: readonly Drawn[], from: number, to: number): (State | 'gap')[] {
  const ticks = Array<State | 'gap'>(to - from).fill('gap');
  let until = from;
  for (const { at, covered, level } of rounds) {
    for (let tick = from; tick < to; tick += 1) {
      if (tick < at - covered || tick >= at || tick < until) continue;
      ticks[tick - from] = level === undefined ? 'unknown' : level >= 2 ? 'down' : 'up';
    }
    if (at > until) until = Math.min(at, to);
  }
  return ticks;
}

function bruteForce(ticks: readonly (State | 'gap')[]) {
  const count = (state: State) => ticks.filter((tick) => tick === state).length;
  const outages: { ticks: number; whole: boolean }[] = [];
  let open: { ticks: number; whole: boolean } | undefined;
  ticks.forEach((tick, index) => {
    if (tick === 'down') {
      if (open === undefined) {
        open = { ticks: 0, whole: ticks[index - 1] === 'up' };
        outages.push(open);
      }
      open.ticks += 1;
    } else if (tick === 'up') open = undefined;
    else if (open) open.whole = false;
  });
  // One that is not over was not seen to its end.
  if (open) open.whole = false;
  const mended = outages.filter(({ whole }) => whole).map((outage) => (outage.ticks * TICK_MS) / 1000);
  const known = count('up') + count('down');
  return {
    recorded_ms: ticks.filter((tick) => tick !== 'gap').length * TICK_MS,
    uptime_percent: known === 0 ? null : (100 * count('up')) / known,
    outages: outages.length,
    longest_ms: Math.max(0, ...outages.map((outage) => outage.ticks)) * TICK_MS,
    mttr_seconds: mended.length === 0 ? null : mended.reduce((sum, s) => sum + s, 0) / mended.length,
  };
}

const drawnRounds = fc
  .array(
    fc.record({
      step: fc.integer({ min: 1, max: 8 }),
      covered: fc.integer({ min: 1, max: 10 }),
      level: fc.constantFrom(0, 0, 1, 2, 2, undefined),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let at = 0;
    return steps.map(({ step, covered, level }) => {
      at += step;
      return { at, covered, level };
    });
  });

describe('uptime of recorded rounds', () => {
  it('is what counting every moment by hand gives, whatever gaps and overlaps there are', () => {
    fc.assert(
      fc.property(
        drawnRounds,
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 250 }),
        (rounds, from, length) => {
          const uptime = tallyOf(rounds, { from_ms: from * TICK_MS, to_ms: (from + length) * TICK_MS });
          const expected = bruteForce(painted(rounds, from, from + length));
          const { memory } = uptime;
          expect({
            recorded_ms: uptime.recorded_ms,
            uptime_percent: memory.uptime_percent,
            outages: memory.outages,
            longest_ms: memory.longest_ms,
            mttr_seconds: memory.mttr_seconds,
          }).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is of what was recorded alone', () => {
    const nothing = tallyOf([], { from_ms: 0, to_ms: 1000 * TICK_MS });
    expect([nothing.recorded_ms, nothing.memory.uptime_percent, nothing.memory.mttr_seconds]).toEqual([0, null, null]);
    const half = tallyOf([{ at: 10, covered: 10, level: 0 }], { from_ms: 0, to_ms: 20 * TICK_MS });
    expect([half.recorded_ms, half.memory.uptime_percent]).toEqual([10 * TICK_MS, 100]);
  });

  it('needs the database and the data folder, as every process sees them', () => {
    const uptime = new Uptime({ from_ms: 0, to_ms: 40_000 });
    const see = (at_ms: number, levels: [component: string, node: string, level: number][]) =>
      uptime.add({
        at_ms,
        covered_ms: 10_000,
        failed: [],
        observations: levels.map(([component, node, value]) => ({
          signal: 'component_status' as const,
          labels: { component, node },
          value,
        })),
      });
    see(10_000, [
      ['database', 'a', 0],
      ['workers', 'a', 2],
    ]);
    see(20_000, [
      ['database', 'a', 0],
      ['database', 'b', 2],
    ]);
    see(30_000, [
      ['database', 'a', 1],
      ['data_folder', 'a', 2],
    ]);
    see(40_000, [
      ['database', 'a', 1],
      ['data_folder', 'a', 0],
    ]);
    expect(uptime.memory).toMatchObject({ up_ms: 20_000, down_ms: 20_000, outages: 1, mended_ms: [20_000] });
    expect(uptime.components.get('workers')).toMatchObject({ down_ms: 10_000, up_ms: 0 });
    expect(uptime.components.get('database')).toMatchObject({ down_ms: 10_000, up_ms: 30_000 });
  });

  it('takes rounds whose times are not exact for following each other', () => {
    const uptime = new Uptime({ from_ms: 0, to_ms: 60_000 });
    const round = (at_ms: number, value: number) =>
      uptime.add({
        at_ms,
        covered_ms: 19_990,
        failed: [],
        observations: [{ signal: 'component_status', labels: { component: 'database', node: 'a' }, value }],
      });
    round(20_000, 0);
    round(40_000, 2);
    round(60_000, 0);
    expect(uptime.memory.mended_ms).toEqual([19_990]);
  });
});
