/**
 * Samples as bytes: numbers in the order of a layout, then the buckets that are not empty.
 *
 * A row names its layout, so that one that an older version wrote is read by its own: what it did not know is missing, what
 * is not known any more is passed over.
 */
import { z } from 'zod';
import type { Span } from './span.ts';

/** `ranges`: of a gauge also the lowest and highest reading, as in rows that are made of several. */
export const sampleLayout = z.object({
  counters: z.array(z.string()),
  gauges: z.array(z.string()),
  histograms: z.array(z.string()),
  ranges: z.boolean(),
});
export type SampleLayout = z.infer<typeof sampleLayout>;

/** Bytes of a number, and of a bucket: its number and its count. */
const NUMBER = 8;
const COUNT = 2;
const BUCKET = 6;

const cellsOf = ({ ranges }: SampleLayout): number => (ranges ? 3 : 1);

export function encodeSpan(layout: SampleLayout, span: Span): Buffer {
  const numbers = 1 + layout.counters.length + layout.gauges.length * cellsOf(layout);
  const buckets = layout.histograms.reduce((sum, name) => sum + COUNT + span.histogram(name).size * BUCKET, 0);
  const bytes = Buffer.alloc(numbers * NUMBER + buckets);
  let at = bytes.writeDoubleLE(span.covered_seconds, 0);
  for (const name of layout.counters) at = bytes.writeDoubleLE(span.counter(name), at);
  for (const name of layout.gauges) {
    const { value, min, max } = span.gauge(name);
    // Nothing was read: no number says so.
    at = bytes.writeDoubleLE(value ?? Number.NaN, at);
    if (!layout.ranges) continue;
    at = bytes.writeDoubleLE(min ?? Number.NaN, at);
    at = bytes.writeDoubleLE(max ?? Number.NaN, at);
  }
  for (const name of layout.histograms) {
    const counts = span.histogram(name);
    at = bytes.writeUInt16LE(counts.size, at);
    for (const [bucket, count] of counts) {
      at = bytes.writeUInt16LE(bucket, at);
      at = bytes.writeUInt32LE(Math.min(count, 0xffff_ffff), at);
    }
  }
  return bytes;
}

/** Adds a row to a span. @throws RangeError for bytes that are not of this layout */
export function addRow(span: Span, layout: SampleLayout, bytes: Buffer): void {
  span.covered_seconds += bytes.readDoubleLE(0);
  let at = NUMBER;
  for (const name of layout.counters) {
    span.addCounter(name, bytes.readDoubleLE(at));
    at += NUMBER;
  }
  for (const name of layout.gauges) {
    const last = bytes.readDoubleLE(at);
    if (!Number.isNaN(last)) {
      const min = layout.ranges ? bytes.readDoubleLE(at + NUMBER) : last;
      const max = layout.ranges ? bytes.readDoubleLE(at + 2 * NUMBER) : last;
      span.addGauge(name, { last, min, max });
    }
    at += cellsOf(layout) * NUMBER;
  }
  for (const name of layout.histograms) {
    const buckets = bytes.readUInt16LE(at);
    at += COUNT;
    for (let i = 0; i < buckets; i += 1) {
      span.addBucket(name, bytes.readUInt16LE(at), bytes.readUInt32LE(at + 2));
      at += BUCKET;
    }
  }
}
