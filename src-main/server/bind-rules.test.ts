import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../settings/config-schema.ts';
import { isLoopback } from '../settings/loopback.ts';
import { checkBind, isAllowedHost, localUrl } from './bind-rules.ts';

const config = (settings: object) => ({ ...defaultConfig('/nowhere'), ...settings });

describe('where the server may listen', () => {
  it.each(['127.0.0.1', '127.5.5.5', '::1', '[::1]', 'localhost', 'LOCALHOST'])('%s is this computer alone', (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(() => checkBind(config({ 'server.host': host }))).not.toThrow();
  });

  it.each([
    '0.0.0.0',
    '::',
    '192.168.1.2',
    '10.0.0.1',
    'example.com',
    '127.0.0.1.example.com',
    '::ffff:192.168.1.2',
    '',
  ])('%j may be reached by others, and needs TLS or the word of the operator', (host) => {
    expect(isLoopback(host)).toBe(false);
    expect(() => checkBind(config({ 'server.host': host }))).toThrow(/server\.allow_remote/);
    expect(() => checkBind(config({ 'server.host': host, 'server.allow_remote': true }))).not.toThrow();
    expect(() => checkBind(config({ 'server.host': host, 'server.tls_cert_file': '/c.pem' }))).not.toThrow();
  });
});

describe('names it answers to', () => {
  it.each(['localhost', 'localhost:8181', '127.0.0.1:1', '[::1]:8181', ' localhost '])('%s', (host) => {
    expect(isAllowedHost(host, '127.0.0.1')).toBe(true);
  });

  it.each([
    undefined,
    '',
    ':8181',
    'evil.example',
    'localhost.evil.example:8181',
    'localhost:8181:1',
    'user@localhost',
    '::1',
  ])('not %j on a loopback address', (host) => {
    expect(isAllowedHost(host, '127.0.0.1')).toBe(false);
  });

  it('any name where others may reach it', () => {
    expect(isAllowedHost('archon.example', '0.0.0.0')).toBe(true);
  });
});

it('tells this computer how to reach it', () => {
  expect(localUrl('http', '0.0.0.0', 8181)).toBe('http://127.0.0.1:8181');
  expect(localUrl('https', '::', 1)).toBe('https://[::1]:1');
  expect(localUrl('http', '[::1]', 1)).toBe('http://[::1]:1');
  expect(localUrl('http', 'archon.local', 1)).toBe('http://archon.local:1');
});
