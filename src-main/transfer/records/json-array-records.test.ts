import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { chopped, collect, faultsOf, recordsOf } from '../../../tests/support/transfer-chunks.ts';
import { jsonArrayRecords } from './json-array-records.ts';

const PROPERTY = { array_property: 'conversations' };
const read = (content: string | Buffer, options = {}) =>
  collect(jsonArrayRecords(chopped(content), { ...PROPERTY, ...options }));
const texts = async (content: string) => recordsOf(await read(content)).map(({ text }) => text);

describe('reading a JSON file record by record', () => {
  it('gives the elements of an array with the lines they begin on', async () => {
    const events = await read('[\n  {"a": 1},\n  {\n    "b": [1, 2]\n  }, 3,\n"four"\n]\n');
    expect(recordsOf(events)).toEqual([
      { number: 1, line: 2, text: '{"a": 1}' },
      { number: 2, line: 3, text: '{\n    "b": [1, 2]\n  }' },
      { number: 3, line: 5, text: '3' },
      { number: 4, line: 6, text: '"four"' },
    ]);
    expect(faultsOf(events)).toEqual([]);
  });

  it('is not misled by brackets, quotes and commas inside strings', async () => {
    const values = ['},]{[', 'say \\ "hi", \\" ]', '\\', '"', { 'k"]': ['{', '\\"'] }];
    expect((await texts(JSON.stringify(values))).map((text) => JSON.parse(text))).toEqual(values);
  });

  it('finds the array inside an object, whatever stands around it', async () => {
    const around =
      '{"account": {"id": [1, {"conversations": [9]}]}, "x": "conversations", "conversations": [{"a":1}, {"b":2}], "rest": [3, {"c":4}]}';
    expect(await texts(around)).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('takes any other object for a single record', async () => {
    expect(await texts('\uFEFF {"title": "one", "mapping": {"conversations": []}}')).toEqual([
      '{"title": "one", "mapping": {"conversations": []}}',
    ]);
  });

  it('gives nothing, and complains of nothing, for an empty array', async () => {
    expect(await read('[ ]')).toEqual([]);
    expect(await read('{"conversations": [\n]}')).toEqual([]);
  });

  it('hands a malformed element on for the parser to tell, and the others whole', async () => {
    expect(await texts('[{"a":1}, {"b": tru}, {"c":3}]')).toEqual(['{"a":1}', '{"b": tru}', '{"c":3}']);
  });

  it('loses only the element in which a string was not closed', async () => {
    expect(await texts('[\n{"a":1},\n{"b":"open\n},\n{"c":3}\n]')).toEqual(['{"a":1}', '{"b":"open\n}', '{"c":3}']);
  });

  it('closes a bracket that was left open by the one around it', async () => {
    expect(await texts('[{"a":[1,2}, {"c":3}]')).toEqual(['{"a":[1,2}', '{"c":3}']);
  });

  it('goes on after a bracket too many', async () => {
    const events = await read('[{"a":1}}, {"b":1]}, {"c":3}]');
    expect(recordsOf(events).map(({ text }) => text)).toEqual(['{"a":1}', '{"c":3}']);
    expect(faultsOf(events)).toEqual([
      [null, 1, '"}" does not belong between two records'],
      [2, 1, 'the record is not complete: a bracket is left open'],
    ]);
  });

  it('tells where a file that was cut off ends', async () => {
    expect(faultsOf(await read('[{"a":1},\n{"b":\n'))).toEqual([
      [2, 2, expect.stringMatching(/not complete: the file ends in the middle of it \(lines 2 to 3\)/)],
    ]);
    expect(faultsOf(await read('[{"a":1},\n'))).toEqual([
      [null, 2, expect.stringContaining('the file ends before its array does')],
    ]);
  });

  it('leaves out an element that is too large, and goes on after it', async () => {
    const events = await read(`[{"a":1},\n{"b":"${'x'.repeat(100)}"},\n{"c":3}]`, { max_record_bytes: 50 });
    expect(recordsOf(events).map(({ line }) => line)).toEqual([1, 3]);
    expect(faultsOf(events)).toEqual([[2, 2, expect.stringContaining('larger than 50 bytes')]]);
  });

  it('leaves out an element that holds too many values, and goes on after it', async () => {
    const events = await read('[{"a":1},\n{"b":[{},{},\n{}]},\n{"c":",,,[[[{{{"}]', { max_record_values: 5 });
    expect(recordsOf(events).map(({ line }) => line)).toEqual([1, 4]);
    expect(faultsOf(events)).toEqual([[2, 2, expect.stringContaining('more than 5 values')]]);
  });

  it('copies no more than it must to find the array in an object of many strings', async () => {
    const content = Buffer.from(`{${'"thirteen char":"thirteen char",\n'.repeat(2000)}"conversations":[1]}`);
    let copied = 0;
    const concat = Buffer.concat.bind(Buffer);
    const spy = vi.spyOn(Buffer, 'concat').mockImplementation((list, length) => {
      const joined = concat(list, length);
      copied += joined.length;
      return joined;
    });
    const events = await collect(jsonArrayRecords(chopped(content, [1000]), PROPERTY));
    spy.mockRestore();
    expect(recordsOf(events).map(({ text }) => text)).toEqual(['1']);
    expect(copied).toBeLessThan(2 * content.length);
  });

  it('survives brackets nested deeper than any export', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    expect(await texts(`[${deep}, 1]`)).toEqual([deep, '1']);
  });

  it('finds exactly the elements of any array, with any spaces between', async () => {
    const space = fc.constantFrom('', ' ', '\n', '\r\n\t');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.jsonValue(), space, space)), async (elements) => {
        const content = `[${elements.map(([value, before, after]) => before + JSON.stringify(value) + after).join(',')}]`;
        const found = recordsOf(await read(content));
        expect(found.map(({ text }) => JSON.parse(text))).toEqual(
          elements.map(([value]) => JSON.parse(JSON.stringify(value))),
        );
        let from = 0;
        for (const { text, line } of found) {
          const at = content.indexOf(text, from);
          expect(line).toBe(content.slice(0, at).split('\n').length);
          from = at + text.length;
        }
      }),
    );
  });

  it('gives the same records however the bytes arrive, for good files and for garbage', async () => {
    const garbage = fc.string({
      unit: fc.constantFrom('[', ']', '{', '}', '"', '\\', ',', ':', '\n', ' ', 'a', '1', 'ä'),
    });
    const content = fc.oneof(
      garbage,
      fc.json().map((json) => `[${json}]`),
      fc.json().map((json) => `{"x":1,"conversations":[${json},2]}`),
    );
    await fc.assert(
      fc.asyncProperty(content, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), async (text, cuts) => {
        const bytes = Buffer.from(text);
        const inPieces = await collect(jsonArrayRecords(chopped(bytes, cuts), PROPERTY));
        expect(inPieces).toEqual(await collect(jsonArrayRecords(chopped(bytes), PROPERTY)));
      }),
      { numRuns: 500 },
    );
  });

  it('goes on from the end of any record as if it had read all before', async () => {
    for (const text of [
      '[ {"a":1},\n{"ä":"x"}\n, 3, [4]\n]\n',
      '{"x":[1],"conversations":[{"a":1},\n{"b":2}, 3],"y":[5]}',
    ]) {
      const content = Buffer.from(text);
      const all = await read(content);
      expect(all.length).toBeGreaterThan(2);
      for (const [index, event] of all.entries()) {
        const rest = chopped(content.subarray(event.end.offset));
        expect(await collect(jsonArrayRecords(rest, { ...PROPERTY, from: event.end }))).toEqual(all.slice(index + 1));
      }
    }
  });
});
