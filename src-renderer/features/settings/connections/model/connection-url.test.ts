import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SSL_MODES } from '../../../../../src-contract/profiles.ts';
import { postgresUrl, readPostgresUrl, readRedisUrl, redisUrl } from './connection-url.ts';

const text = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' });
const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6());
const port = fc.integer({ min: 1, max: 65_535 });

describe('a URL of PostgreSQL', () => {
  it('turns into fields and back, whatever the password holds', () => {
    const address = fc.record({
      host,
      port,
      database: text,
      user: text,
      password: fc.oneof(fc.constant(''), text),
      mode: fc.constantFrom(...SSL_MODES),
    });
    fc.assert(
      fc.property(address, (given) => {
        expect(readPostgresUrl(postgresUrl(given))).toEqual({ address: given });
      }),
    );
  });

  it('is read although its password was never escaped', () => {
    expect(readPostgresUrl('postgres://archon:p@ss/w?rd#1%@db.example.org/memory')).toEqual({
      address: {
        host: 'db.example.org',
        port: 5432,
        database: 'memory',
        user: 'archon',
        password: 'p@ss/w?rd#1%',
        mode: 'disable',
      },
    });
  });

  it('names the database of the user when it names none, as psql does', () => {
    expect(readPostgresUrl('postgresql://archon@[::1]:6000')).toMatchObject({
      address: { host: '::1', port: 6000, database: 'archon' },
    });
  });

  it.each([
    ['db.example.org', /has a scheme/],
    ['mysql://u@h/d', /begins with postgres/],
    ['postgres://h/d', /names no user/],
    ['postgres://u@/d', /names no host/],
    ['postgres://u@a,b/d', /Several hosts/],
    ['postgres://u@h:99999/d', /1 to 65535/],
    ['postgres://u@h/d?sslmode=prefer', /leaves it to chance/],
    ['postgres://u@h/d?sslrootcert=/etc/ca.pem', /sslrootcert names a file/],
    ['postgres://u@h/d?options=-c', /options is not used/],
  ])('%s is refused with what to do', (url, problem) => {
    expect(readPostgresUrl(url)).toEqual({ problem: expect.stringMatching(problem) });
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (given) => {
        expect(readPostgresUrl(given)).toBeTypeOf('object');
      }),
    );
    fc.assert(
      fc.property(fc.string(), (given) => {
        expect(readRedisUrl(`redis://${given}`)).toBeTypeOf('object');
      }),
    );
  });
});

describe('a URL of Redis', () => {
  it('turns into fields and back', () => {
    const address = fc.record({
      host,
      port,
      db: fc.integer({ min: 0, max: 1_000_000 }),
      username: fc.oneof(fc.constant(''), text),
      password: fc.oneof(fc.constant(''), text),
      isEncrypted: fc.boolean(),
    });
    fc.assert(
      fc.property(address, (given) => {
        expect(readRedisUrl(redisUrl(given))).toEqual({ address: given });
      }),
    );
  });

  it('is read with a password alone', () => {
    expect(readRedisUrl('rediss://:secret@cache.example.org')).toEqual({
      address: { host: 'cache.example.org', port: 6379, db: 0, username: '', password: 'secret', isEncrypted: true },
    });
  });

  it.each([
    ['http://h', /begins with redis/],
    ['redis://h/archon', /number of the database/],
    ['redis://h/0?timeout=5', /timeout is not used/],
  ])('%s is refused with what to do', (url, problem) => {
    expect(readRedisUrl(url)).toEqual({ problem: expect.stringMatching(problem) });
  });
});
