import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chopped, collect, recordsOf } from '../../../tests/support/transfer-chunks.ts';
import { ndjsonRecords } from './ndjson-records.ts';

const read = (content: string | Buffer, options = {}) => collect(ndjsonRecords(chopped(content), options));

describe('reading a file of lines', () => {
  it('gives each line with its number, whatever ends the lines', async () => {
    const events = await read('{"a":1}\r\n\n  \n{"b":2}\n{"c":3}');
    expect(recordsOf(events)).toEqual([
      { number: 1, line: 1, text: '{"a":1}\r' },
      { number: 2, line: 4, text: '{"b":2}' },
      { number: 3, line: 5, text: '{"c":3}' },
    ]);
  });

  it('passes over a byte order mark', async () => {
    expect(recordsOf(await read('\uFEFF{"a":1}\n'))).toEqual([{ number: 1, line: 1, text: '{"a":1}' }]);
  });

  it('replaces what is not UTF-8 and says so', async () => {
    const [event] = await read(Buffer.concat([Buffer.from('"caf'), Buffer.from([0xe9]), Buffer.from('"\n')]));
    expect(event).toMatchObject({ kind: 'record', text: '"caf\uFFFD"', repaired: true });
  });

  it('leaves out a line that is too long, and goes on after it', async () => {
    const events = await read(`{"a":1}\n"${'x'.repeat(100)}"\n{"b":2}\n`, { max_record_bytes: 50 });
    expect(events.map((event) => [event.kind, event.line])).toEqual([
      ['record', 1],
      ['fault', 2],
      ['record', 3],
    ]);
    expect(events[1]).toMatchObject({ number: 2, message: expect.stringContaining('larger than 50 bytes') });
  });

  it('leaves out a line that holds too many values, and goes on after it', async () => {
    const lines = '{"a":1}\n[{},{},{}]\n["[,{,\\",[","]"]\n{"b":[[2]]}\n';
    const events = await read(lines, { max_record_values: 5 });
    expect(events.map((event) => [event.kind, event.line])).toEqual([
      ['record', 1],
      ['fault', 2],
      ['record', 3],
      ['record', 4],
    ]);
    expect(events[1]).toMatchObject({ number: 2, message: expect.stringContaining('more than 5 values') });
  });

  it('gives nothing for an empty file', async () => {
    expect(await read('')).toEqual([]);
  });

  it('gives the same records however the bytes arrive', async () => {
    const line = fc.oneof(
      fc.constant(''),
      fc.json(),
      fc.string({ unit: 'binary' }).map((text) => text.replace(/\n/g, ' ')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        async (lines, cuts) => {
          const content = Buffer.from(lines.join('\n'));
          expect(await collect(ndjsonRecords(chopped(content, cuts)))).toEqual(
            await collect(ndjsonRecords(chopped(content))),
          );
        },
      ),
    );
  });

  it('goes on from the end of any record as if it had read all before', async () => {
    const content = Buffer.from('{"a":1}\r\n\n{"ä":2}\n\n{"c":3}\n"last"');
    const all = await read(content);
    for (const [index, event] of all.entries()) {
      const rest = await collect(ndjsonRecords(chopped(content.subarray(event.end.offset)), { from: event.end }));
      expect(rest).toEqual(all.slice(index + 1));
    }
  });
});
