import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpsReportFigure } from '../../../../../src-contract/index.ts';
import { comparisonOf } from './comparison.ts';

const figure = (patch: Partial<OpsReportFigure>): OpsReportFigure => ({
  key: 'latency_p95_ms',
  title: 'Latency (p95)',
  unit: 'ms',
  better: 'down',
  value: 84,
  day_before: null,
  week: null,
  ...patch,
});

describe('a figure beside what it was', () => {
  it('says by how much it changed, and whether that is good', () => {
    expect(comparisonOf(figure({}), 60)).toEqual({ direction: 'up', change: '+40 %', verdict: 'bad' });
    expect(comparisonOf(figure({ better: 'up' }), 60)?.verdict).toBe('good');
    expect(comparisonOf(figure({ better: 'neither' }), 60)?.verdict).toBe('neither');
    expect(comparisonOf(figure({ value: 30 }), 60)).toEqual({ direction: 'down', change: '-50 %', verdict: 'good' });
  });

  it('compares parts in points, for a part of a part would mislead', () => {
    const uptime = figure({ unit: 'percent', better: 'up', value: 99.5 });
    expect(comparisonOf(uptime, 99.9)).toEqual({ direction: 'down', change: '-0.4 points', verdict: 'bad' });
  });

  it('has no part of nothing', () => {
    expect(comparisonOf(figure({ unit: 'count', value: 3 }), 0)?.change).toBe('+3');
    expect(comparisonOf(figure({ unit: 'seconds', value: 90 }), 0)?.change).toBe('+1 min 30 s');
  });

  it('is the same when the change rounds to nothing, and not known without both', () => {
    expect(comparisonOf(figure({ value: 84.1 }), 84)).toEqual({
      direction: 'same',
      change: 'the same',
      verdict: 'neither',
    });
    expect(comparisonOf(figure({ value: null }), 84)).toBeUndefined();
    expect(comparisonOf(figure({}), null)).toBeUndefined();
  });

  it('is never good one way and good the other way', () => {
    const amount = fc.double({ noNaN: true, min: 0, max: 1e9 });
    fc.assert(
      fc.property(amount, amount, fc.constantFrom('percent', 'count', 'ms', 'seconds'), (value, before, unit) => {
        const there = comparisonOf(figure({ unit, value }), before);
        const back = comparisonOf(figure({ unit, value: before }), value);
        expect([there?.verdict, back?.verdict]).not.toEqual(['good', 'good']);
        expect([there?.verdict, back?.verdict]).not.toEqual(['bad', 'bad']);
      }),
    );
  });
});
