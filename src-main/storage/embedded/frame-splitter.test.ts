import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';
import { frame, frameBody, frameType, simpleQuery, startupPacket } from './wire-frames.ts';

function framesOf(splitter: FrameSplitter, chunks: readonly Buffer[]): Buffer[] {
  const frames: Buffer[] = [];
  for (const chunk of chunks) {
    splitter.push(chunk);
    for (let next = splitter.next(); next; next = splitter.next()) frames.push(next);
  }
  return frames;
}

/** Cuts a buffer at the given places. */
function cut(buffer: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (buffer.length + 1)), buffer.length].sort((a, b) => a - b);
  return sorted.slice(1).map((end, at) => buffer.subarray(sorted[at], end));
}

const anyFrame = fc
  .tuple(fc.constantFrom('Q', 'P', 'B', 'E', 'S', 'D', 'Z'), fc.uint8Array({ maxLength: 200 }))
  .map(([type, body]) => frame(type, Buffer.from(body)));

describe('the frame splitter', () => {
  it('finds the same frames however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 40 }), (frames, places) => {
        const splitter = new FrameSplitter({ typed: true });
        const found = framesOf(splitter, cut(Buffer.concat(frames), places));
        expect(found.map((one) => one.toString('hex'))).toEqual(frames.map((one) => one.toString('hex')));
      }),
    );
  });

  it('gives out nothing before a frame is whole', () => {
    const query = simpleQuery('select 1');
    const splitter = new FrameSplitter({ typed: true });
    expect(
      framesOf(
        splitter,
        [...query.subarray(0, -1)].map((byte) => Buffer.from([byte])),
      ),
    ).toEqual([]);
    expect(framesOf(splitter, [query.subarray(-1)])).toHaveLength(1);
  });

  it('changes from startup packets to typed frames within one chunk', () => {
    const splitter = new FrameSplitter({ typed: false });
    const startup = startupPacket({ user: 'postgres' });
    splitter.push(Buffer.concat([startup, simpleQuery('select 1')]));
    expect(splitter.next()).toEqual(startup);
    splitter.typed = true;
    const query = splitter.next();
    expect(query && frameType(query)).toBe('Q');
    expect(query && frameBody(query).toString()).toBe('select 1\0');
  });

  it.each([
    ['negative', Buffer.from([0x51, 0xff, 0xff, 0xff, 0xff])],
    ['shorter than itself', Buffer.from([0x51, 0, 0, 0, 3])],
    ['enormous', Buffer.from([0x51, 0x7f, 0, 0, 0])],
  ])('refuses a length that is %s', (_what, header) => {
    const splitter = new FrameSplitter({ typed: true });
    splitter.push(header);
    expect(() => splitter.next()).toThrow(/invalid message length/);
  });

  it('refuses a startup packet of megabytes before it has come', () => {
    const splitter = new FrameSplitter({ typed: false });
    splitter.push(Buffer.from([0, 0x10, 0, 0]));
    expect(() => splitter.next()).toThrow(/invalid message length/);
  });
});
