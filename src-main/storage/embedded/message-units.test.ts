import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';
import { type ClientRequest, type MessageUnit, UnitAssembler } from './message-units.ts';
import { flush, frame, parseUnnamed, simpleQuery, sync } from './wire-frames.ts';

const parse = (name: string, sql: string) => frame('P', name, sql, Buffer.alloc(2));
const bind = (statement = '') => frame('B', '', statement, Buffer.alloc(6));
const describeStatement = () => frame('D', Buffer.from('S\0'));
const execute = () => frame('E', '', Buffer.alloc(4));
const terminate = () => frame('X');

function assemble(...frames: Buffer[]): ClientRequest[] {
  const assembler = new UnitAssembler();
  return frames.map((one) => assembler.add(one)).filter((request) => request !== null);
}

function unit(...frames: Buffer[]): MessageUnit {
  const [only, ...rest] = assemble(...frames);
  if (!only || only === 'terminate' || rest.length > 0) throw new Error('expected one unit');
  return only;
}

describe('message units', () => {
  it('are one for each simple query', () => {
    const units = assemble(simpleQuery('BEGIN'), simpleQuery('INSERT …'), simpleQuery('COMMIT'));
    expect(units).toHaveLength(3);
    expect(units).toMatchObject([{ ending: 'ready' }, { ending: 'ready' }, { ending: 'ready' }]);
  });

  it('hold an extended exchange together up to Sync', () => {
    const messages = [parseUnnamed('select 1'), bind(), execute(), sync()];
    expect(unit(...messages)).toMatchObject({ ending: 'ready', refusal: null, bytes: Buffer.concat(messages) });
  });

  it('end at Flush too, as the client waits for an answer', () => {
    expect(assemble(parseUnnamed('select 1'), flush(), bind(), execute(), sync())).toMatchObject([
      { ending: 'flush', unnamed_statement: 'parsed', uses_earlier_statement: false },
      { ending: 'ready', uses_earlier_statement: true },
    ]);
  });

  it('know when a statement parsed earlier is used', () => {
    expect(unit(bind(), execute(), sync()).uses_earlier_statement).toBe(true);
    expect(unit(describeStatement(), sync()).uses_earlier_statement).toBe(true);
    expect(unit(parseUnnamed('select 1'), describeStatement(), sync()).uses_earlier_statement).toBe(false);
  });

  it('carry the channels they listen on, in order', () => {
    expect(unit(simpleQuery('listen a; UNLISTEN "B"; unlisten *')).listens).toEqual([
      { kind: 'listen', channel: 'a' },
      { kind: 'unlisten', channel: 'B' },
      { kind: 'unlisten_all' },
    ]);
  });

  it('are refused as a whole for one statement in them', () => {
    expect(unit(simpleQuery('select 1; copy t from stdin')).refusal?.code).toBe('0A000');
    expect(unit(parse('named', 'select 1'), bind('named'), sync()).refusal?.code).toBe('0A000');
  });

  it('drop the data of a COPY that was refused', () => {
    expect(assemble(frame('d', Buffer.from('1\n')), frame('c'), frame('f', 'gone'))).toEqual([]);
  });

  it('end with a goodbye', () => {
    expect(assemble(simpleQuery('select 1'), terminate()).at(-1)).toBe('terminate');
  });

  it('refuse a message no client sends', () => {
    // Let through, it would leave the backend waiting for ever.
    expect(() => assemble(frame('y', 'abc'))).toThrow(/invalid frontend message type/);
  });

  it('come out the same however the bytes were cut', () => {
    const message = fc.oneof(
      fc.constantFrom(sync(), flush(), bind(), execute(), describeStatement()),
      fc.string().map((sql) => parseUnnamed(sql.replaceAll('\0', ' '))),
      fc.string().map((sql) => simpleQuery(sql.replaceAll('\0', ' '))),
    );
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (messages, sizes) => {
        const stream = Buffer.concat(messages);
        const splitter = new FrameSplitter({ typed: true });
        const assembler = new UnitAssembler();
        const units: ClientRequest[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          splitter.push(stream.subarray(at, at + size));
          at += size;
          for (let next = splitter.next(); next; next = splitter.next()) {
            const request = assembler.add(next);
            if (request) units.push(request);
          }
        }
        expect(units).toEqual(assemble(...messages));
      }),
    );
  });
});
