import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BreakerTransition } from '../../../../../src-contract/resilience.ts';
import { CHARTS } from './charts.ts';
import { chartCsv, fileName, toCsv, transitionsCsv } from './csv.ts';

const START = Date.parse('2026-03-01T10:00:00Z') / 1000;
const frame = {
  times: [START, START + 10],
  step: 10,
  from: START,
  to: START + 20,
  measured: [true, false],
  open_from: 2,
};

/** As RFC 4180 says it is read. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charAt(i);
    if (isQuoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else isQuoted = false;
    } else if (c === '"') isQuoted = true;
    else if (c === ',') {
      row.push(cell);
      cell = '';
    } else if (c === '\r' && text[i + 1] === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      i += 1;
    } else cell += c;
  }
  return rows;
}

describe('CSV', () => {
  it('has units in its heading, ISO times, and nothing where nothing was measured', () => {
    const memory = CHARTS.find(({ id }) => id === 'memory');
    const definition = memory?.lines[0];
    if (memory === undefined || definition === undefined) throw new Error('there is no chart of the memory');
    const line = { ...definition, key: 'resident', values: [5, null], range: { low: [4, null], high: [6, null] } };
    expect(chartCsv(memory, { frame, lines: [line] })).toBe(
      'time,resident (bytes),"resident, lowest (bytes)","resident, highest (bytes)"\r\n' +
        '2026-03-01T10:00:00.000Z,5,4,6\r\n' +
        '2026-03-01T10:00:10.000Z,,,\r\n',
    );
  });

  it('is read back as it was written, whatever is in it', () => {
    const text = fc.string({ unit: 'binary', maxLength: 8 }).filter((value) => !/^[=+\-@\t\r\n]/.test(value));
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.array(fc.array(text, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      );
    fc.assert(
      fc.property(table, (rows) => {
        expect(parse(toCsv(rows))).toEqual(rows);
      }),
    );
  });

  it('never makes a formula of a text', () => {
    expect(parse(toCsv([['=1+1', '@x', -3]]))).toEqual([["'=1+1", "'@x", '-3']]);
  });

  it('tells every change of a breaker, with the words of its error', () => {
    const change: BreakerTransition = {
      id: '018f0000-0000-7000-8000-000000000000',
      breaker: 'redis',
      service: 'redis',
      from: 'closed',
      to: 'open',
      at: '2026-03-01T10:00:03.250Z',
      failures: 5,
      error: 'said "no",\nand again',
      reason: null,
      by: null,
    };
    expect(parse(transitionsCsv([change]))[1]).toEqual([
      '2026-03-01T10:00:03.250Z',
      'redis',
      'redis',
      'closed',
      'open',
      '5',
      'said "no",\nand again',
      '',
      '',
    ]);
  });

  it('is saved under a name that every file system takes', () => {
    expect(fileName('api_latency', START, 'csv')).toBe('archon-api-latency-2026-03-01T10-00-00.csv');
  });
});
