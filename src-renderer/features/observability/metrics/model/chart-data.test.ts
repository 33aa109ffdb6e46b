import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricHistory } from '../../../../../src-contract/metrics.ts';
import { chartData, frameOf, gapsOf, loneValues, stepAt, valueWords } from './chart-data.ts';
import { CHARTS, type ChartDefinition } from './charts.ts';

const START = Date.parse('2026-03-01T10:00:00Z') / 1000;
const LATER_MS = (START + 86_400) * 1000;

const chart = (id: string): ChartDefinition => {
  const found = CHARTS.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no chart ${id}`);
  return found;
};

function history(
  lines: Pick<MetricHistory['lines'][number], 'series' | 'line' | 'values'>[],
  step = 10,
): MetricHistory {
  const points = lines[0]?.values.length ?? 0;
  return {
    at: new Date(LATER_MS).toISOString(),
    from: new Date(START * 1000).toISOString(),
    to: new Date((START + points * step) * 1000).toISOString(),
    step_seconds: step,
    points,
    resolution_seconds: 10,
    lines: lines.map((line) => ({ unit: 'count', min: null, max: null, ...line })),
  };
}

const resident = (...values: (number | null)[]) => ({ series: 'memory', line: 'resident', values }) as const;

describe('what is missing', () => {
  it('is a gap from the first step without any figure to the next with one', () => {
    const frame = frameOf(history([resident(1, null, null, 1, null, 1)]), LATER_MS);
    expect(gapsOf(frame)).toEqual([
      { from: START + 10, to: START + 30 },
      { from: START + 40, to: START + 50 },
    ]);
  });

  it('is no gap while a sample of it is not due', () => {
    const now_ms = (START + 45) * 1000;
    const frame = frameOf(history([resident(1, 1, null, null, null)]), now_ms);
    expect(frame.open_from).toBe(2);
    expect(gapsOf(frame)).toEqual([]);
    expect(valueWords(chart('memory'), frame, [1, 1, null, null, null], 3)).toBe('not yet measured');
  });

  it('is one at the end as well when no more samples came', () => {
    const frame = frameOf(history([resident(1, null, null, null, null)]), LATER_MS);
    expect(gapsOf(frame)).toEqual([{ from: START + 10, to: START + 50 }]);
  });

  it('is told apart: Archon did not run, or there was nothing to measure', () => {
    const values = [0.2, null, null];
    const latency = { series: 'api_latency', line: 'p50', values } as const;
    const frame = frameOf(history([latency, resident(1, 1, null)]), LATER_MS);
    expect(values.map((_, i) => valueWords(chart('api_latency'), frame, values, i))).toEqual([
      '200 ms',
      'no calls',
      'not measured',
    ]);
  });

  it('is every step of a range before the first start', () => {
    const frame = frameOf(history([resident(null, null)]), LATER_MS);
    expect(gapsOf(frame)).toEqual([{ from: START, to: START + 20 }]);
  });

  it('covers exactly the steps without a figure, whatever there is', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (measured) => {
        const frame = frameOf(history([resident(...measured.map((is) => (is ? 1 : null)))]), LATER_MS);
        const gaps = gapsOf(frame);
        const inGap = frame.times.map((time) => gaps.some(({ from, to }) => time >= from && time < to));
        expect(inGap).toEqual(measured.map((is) => !is));
        for (const [i, { to }] of gaps.entries()) {
          expect(gaps[i + 1]?.from ?? Number.POSITIVE_INFINITY).toBeGreaterThan(to);
        }
      }),
    );
  });
});

describe('steps', () => {
  it('begin where the engine says, and each holds the times up to the next', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(10, 30, 300, 3600),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(),
        (step, points, seed) => {
          const frame = frameOf(history([resident(...Array(points).fill(1))], step), LATER_MS);
          const i = seed % points;
          const time = frame.times[i] ?? Number.NaN;
          expect(stepAt(frame, time)).toBe(i);
          expect(stepAt(frame, time + step - 0.001)).toBe(i);
          expect(stepAt(frame, frame.from - 1)).toBeUndefined();
          expect(stepAt(frame, frame.to)).toBeUndefined();
        },
      ),
    );
  });
});

describe('a chart', () => {
  it('has the lines that were told of, in its own order, with their names', () => {
    const told = history([
      { series: 'api_requests', line: 'server_error', values: [1] },
      { series: 'api_requests', line: 'success', values: [7] },
    ]);
    const { lines } = chartData(chart('api_requests'), told, frameOf(told, LATER_MS));
    expect(lines.map(({ label, values }) => [label, values])).toEqual([
      ['done', [7]],
      ['failed (5xx)', [1]],
    ]);
  });

  it('shows lowest and highest only where they differ', () => {
    const told = history([resident(5, 6)]);
    const withRange = (min: number[], max: number[]) => ({
      ...told,
      lines: told.lines.map((line) => ({ ...line, min, max })),
    });
    const rangeOf = (given: MetricHistory) =>
      chartData(chart('memory'), given, frameOf(given, LATER_MS)).lines[0]?.range;
    expect(rangeOf(told)).toBeNull();
    expect(rangeOf(withRange([5, 6], [5, 6]))).toBeNull();
    expect(rangeOf(withRange([4, 6], [5, 9]))).toEqual({ low: [4, 6], high: [5, 9] });
  });
});

describe('values that stand alone', () => {
  it('are those that no line leads to', () => {
    expect(loneValues([1, null, 2, 3, null, 4])).toEqual([0, 5]);
    expect(loneValues([null, 7, null])).toEqual([1]);
    expect(loneValues([1, 2])).toEqual([]);
  });
});
