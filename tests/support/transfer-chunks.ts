/** Bytes that arrive in pieces, and what readers make of them. */
import type { RecordEvent } from '../../src-main/transfer/records/source-record.ts';

/** The content in pieces of these sizes, over and over; in one piece without. */
export async function* chopped(content: string | Buffer, sizes: readonly number[] = []): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(content);
  let at = 0;
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % Math.max(1, sizes.length)] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** What matters most of the records among the events. */
export function recordsOf(events: readonly RecordEvent[]): { number: number; line: number; text: string }[] {
  return events.flatMap((event) =>
    event.kind === 'record' ? [{ number: event.number, line: event.line, text: event.text }] : [],
  );
}

/** Number, line and message of the faults among the events. */
export function faultsOf(events: readonly RecordEvent[]): [number: number | null, line: number, message: string][] {
  return events.flatMap((event) => (event.kind === 'fault' ? [[event.number, event.line, event.message]] : []));
}
