import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRow, encodeSpan, type SampleLayout } from './sample-codec.ts';
import { Span } from './span.ts';

const number = fc.double({ min: 0, max: 1e15, noNaN: true });
const names = ['a', 'b', 'c'];

const spans = fc
  .record({
    covered: number,
    counters: fc.dictionary(fc.constantFrom(...names), number),
    gauges: fc.dictionary(fc.constantFrom(...names), fc.tuple(number, number, number)),
    buckets: fc.array(fc.tuple(fc.nat({ max: 201 }), fc.integer({ min: 1, max: 0xffff_ffff })), { maxLength: 20 }),
  })
  .map(({ covered, counters, gauges, buckets }) => {
    const span = new Span();
    span.covered_seconds = covered;
    for (const [name, value] of Object.entries(counters)) span.addCounter(name, value);
    for (const [name, values] of Object.entries(gauges)) {
      const [min = 0, last = 0, max = 0] = [...values].sort((a, b) => a - b);
      span.addGauge(name, { last, min, max });
    }
    for (const [bucket, count] of new Map(buckets)) span.addBucket('durations', bucket, count);
    return span;
  });

const layout: SampleLayout = { counters: names, gauges: names, histograms: ['durations', 'empty'], ranges: true };

describe('samples as bytes', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(spans, (span) => {
        const read = new Span();
        addRow(read, layout, encodeSpan(layout, span));
        expect(read).toEqual(span);
      }),
    );
  });

  it('know nothing of what an older version did not write', () => {
    const span = new Span();
    span.addCounter('b', 2);
    const older: SampleLayout = { counters: ['b'], gauges: ['b'], histograms: [], ranges: false };
    const read = new Span();
    addRow(read, older, encodeSpan(older, span));
    expect(read.counter('b')).toBe(2);
    expect(read.gauge('a')).toEqual({ value: null, min: null, max: null });
  });

  it('of one reading only, are their own lowest and highest', () => {
    const span = new Span();
    span.addGauge('a', { last: 5, min: 5, max: 5 });
    const fine: SampleLayout = { ...layout, ranges: false };
    const read = new Span();
    addRow(read, fine, encodeSpan(fine, span));
    expect(read.gauge('a')).toEqual({ value: 5, min: 5, max: 5 });
  });
});
