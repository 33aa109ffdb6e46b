import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from './json-fault.ts';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('the place at which a text is no JSON', () => {
  it.each([
    ['{"a": 1,\n "b" 2}', 2, 6, 'A colon is missing'],
    ['{"a": 1,\n}', 1, 8, 'A comma stands before the end'],
    ['[1 2]', 1, 4, 'A comma or ] is missing'],
    ['{"a": "one\n"}', 1, 11, 'A text ends on its line'],
    ['{"a": "one}', 1, 7, 'no end'],
    ["{'a': 1}", 1, 2, 'double quotes'],
    ['{"a": undefined}', 1, 7, 'no value'],
    ['{"a": 1} x', 1, 10, 'more after the end'],
    ['{"a": ', 1, 7, 'ends too early'],
    ['{"a": "\\x"}', 1, 8, 'After \\'],
    ['', 1, 1, 'ends too early'],
  ])('is told for %j', (text, line, column, words) => {
    const fault = jsonFault(text);
    expect(fault).toMatchObject({ line, column });
    expect(fault?.message).toContain(words);
  });

  it('is the same judgement as that of JSON.parse, whatever is written into JSON', () => {
    const broken = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.nat(3),
        fc.string({ maxLength: 3, unit: fc.constantFrom(...'{}[],:"\\ 0-1e.tn\n') }),
      )
      .map(([json, at, cut, put]) => {
        const place = at % (json.length + 1);
        return json.slice(0, place) + put + json.slice(place + cut);
      });
    fc.assert(
      fc.property(broken, (text) => {
        const fault = jsonFault(text);
        expect(fault === undefined).toBe(isJson(text));
        if (fault !== undefined) expect(fault.offset).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('takes every JSON, also pretty', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonFault(JSON.stringify(value, null, 2))).toBeUndefined();
      }),
    );
  });

  it('does not end by what is nested deeply', () => {
    expect(jsonFault(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)).toBeUndefined();
    expect(jsonFault('['.repeat(200_000))?.message).toContain('ends too early');
  });
});
