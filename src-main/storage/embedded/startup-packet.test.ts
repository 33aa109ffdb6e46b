import { describe, expect, it } from 'vitest';
import { refuseStartup, sessionGreeting } from './session-startup.ts';
import { readStartupPacket } from './startup-packet.ts';
import { frameType, startupPacket } from './wire-frames.ts';

const packet = (...words: number[]): Buffer => {
  const buffer = Buffer.alloc(4 * (words.length + 1));
  for (const [at, word] of [buffer.length, ...words].entries()) buffer.writeInt32BE(word, 4 * at);
  return buffer;
};

describe('a startup packet', () => {
  it('carries the parameters of the session', () => {
    const startup = readStartupPacket(startupPacket({ user: 'postgres', application_name: 'x' }));
    expect(startup).toEqual({
      kind: 'startup',
      parameters: new Map([
        ['user', 'postgres'],
        ['application_name', 'x'],
      ]),
    });
  });

  it('may ask for encryption, or cancel another session', () => {
    expect(readStartupPacket(packet(80877103))).toEqual({ kind: 'encryption' });
    expect(readStartupPacket(packet(80877104))).toEqual({ kind: 'encryption' });
    expect(readStartupPacket(packet(80877102, 7, 99))).toEqual({ kind: 'cancel', pid: 7, secret: 99 });
  });

  it.each([
    ['too short', Buffer.from([0, 0, 0, 5, 1])],
    ['of protocol 2', packet(2 << 16)],
    ['a cancel request without its key', packet(80877102)],
  ])('is refused when it is %s', (_what, bytes) => {
    expect(() => readStartupPacket(bytes)).toThrow();
  });
});

describe('the door', () => {
  it.each([
    [{ user: 'postgres' }, undefined],
    [{ user: 'postgres', database: 'postgres', client_encoding: "'utf-8'" }, undefined],
    [{ user: 'mallory' }, '28000'],
    [{ user: 'postgres', database: 'other' }, '3D000'],
    [{ user: 'postgres', replication: 'true' }, '0A000'],
    [{ user: 'postgres', client_encoding: 'LATIN1' }, '0A000'],
  ])('%j', (parameters, code) => {
    expect(refuseStartup(new Map(Object.entries(parameters)))?.code).toBe(code);
  });

  it('greets in the order a client expects', () => {
    const greeting = sessionGreeting({ pid: 1, secret: 2 }, new Map([['server_version', '18.6']]), new Map());
    expect(greeting.map(frameType).join('')).toBe('RSSKZ');
  });
});
