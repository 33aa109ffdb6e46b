import { describe, expect, it } from 'vitest';
import { ClientAddresses } from './client-address.ts';

const from = (trusted: string[], remoteAddress: string, forwarded?: string) =>
  new ClientAddresses(() => trusted).of({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress } as never,
  });

describe('the address a request comes from', () => {
  it('is that of the connection, whatever the header says, where no proxy is trusted', () => {
    expect(from([], '203.0.113.5')).toBe('203.0.113.5');
    expect(from([], '127.0.0.1', '198.51.100.1')).toBe('127.0.0.1');
    expect(from(['10.0.0.1'], '203.0.113.5', '198.51.100.1')).toBe('203.0.113.5');
  });

  it('is what trusted proxies wrote, and not what the caller wrote before them', () => {
    expect(from(['127.0.0.1'], '127.0.0.1', '198.51.100.1')).toBe('198.51.100.1');
    expect(from(['127.0.0.1'], '127.0.0.1', '6.6.6.6, 198.51.100.1')).toBe('198.51.100.1');
    expect(from(['127.0.0.1', '10.0.0.0/8'], '::ffff:127.0.0.1', '6.6.6.6, 198.51.100.1, 10.1.2.3')).toBe(
      '198.51.100.1',
    );
    expect(from(['fd00::/8'], 'fd00::1', '2001:db8::7')).toBe('2001:db8::7');
  });

  it('is read with a port or in brackets', () => {
    expect(from(['127.0.0.1'], '127.0.0.1', '198.51.100.1:4711')).toBe('198.51.100.1');
    expect(from(['127.0.0.1'], '127.0.0.1', '[2001:db8::7]:4711')).toBe('2001:db8::7');
  });

  it('is the proxy itself when it says nothing that is an address', () => {
    expect(from(['127.0.0.1'], '127.0.0.1')).toBe('127.0.0.1');
    expect(from(['127.0.0.1'], '127.0.0.1', 'unknown')).toBe('127.0.0.1');
    expect(from(['127.0.0.1'], '127.0.0.1', '127.0.0.1')).toBe('127.0.0.1');
  });
});
