import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KEY_PREFIX, NO_TLS, POOL_SIZE } from './connection-settings.ts';
import { formatPostgresUrl, parsePostgresUrl } from './postgres-url.ts';
import { formatRedisUrl, parseRedisUrl } from './redis-url.ts';

const hosts = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().filter((address) => !address.includes('.')),
);
const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => text.isWellFormed());
const port = fc.integer({ min: 1, max: 65_535 });

describe('addresses of PostgreSQL', () => {
  it('say what was put into them, whatever characters it has', () => {
    fc.assert(
      fc.property(
        fc.record({ host: hosts, port, database: anyText, user: anyText, password: fc.option(anyText) }),
        (fields) => {
          const settings = { ...fields, tls: NO_TLS, pool_size: POOL_SIZE };
          expect(parsePostgresUrl(formatPostgresUrl(settings))).toEqual(settings);
        },
      ),
    );
  });

  it('may leave the port and the password out', () => {
    expect(parsePostgresUrl(' postgresql://ana@db.example.com/archon ')).toMatchObject({
      host: 'db.example.com',
      port: 5432,
      user: 'ana',
      password: null,
      tls: { mode: 'disable' },
    });
  });

  it.each([
    ['sslmode=verify-full', 'verify-full'],
    ['sslmode=verify-ca', 'verify-ca'],
    ['sslmode=require', 'require'],
    ['sslmode=no-verify', 'require'],
    ['ssl=true', 'require'],
    ['ssl=false', 'disable'],
    ['sslmode=verify-full&sslrootcert=system&application_name=psql', 'verify-full'],
  ])('with %s mean %s', (query, mode) => {
    expect(parsePostgresUrl(`postgres://ana@db/archon?${query}`).tls.mode).toBe(mode);
  });

  it('take certificates out of the file that sslrootcert names, and nothing else of it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'archon-pem-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    writeFileSync(join(folder, 'ca.pem'), `secret words\n${pem}\nmore`);
    writeFileSync(join(folder, 'other'), 'root:x:0:0');
    const parse = (file: string) =>
      parsePostgresUrl(
        `postgres://ana@db/archon?sslmode=require&sslrootcert=${encodeURIComponent(join(folder, file))}`,
      );
    expect(parse('ca.pem').tls).toEqual({ mode: 'verify-ca', ca_pem: `${pem}\n`, cert_pem: null, key_pem: null });
    expect(() => parse('other')).toThrow(/holds no certificate/);
    expect(() => parse('missing')).toThrow(/cannot be read \(ENOENT\)/);
  });

  it.each([
    ['mysql://ana@db/archon', /must begin with postgres:\/\/ or postgresql:\/\//],
    ['postgres://ana@a,b/archon', /several hosts/],
    ['postgres://ana@a:1,b:2/archon', /several hosts/],
    ['postgres:///archon', /names no host/],
    ['postgres://ana@%2Fvar%2Frun/archon', /folder of a socket/],
    ['postgres://db/archon', /names no user/],
    ['postgres://ana@db', /names no database/],
    ['postgres://ana@db:0/archon', /port 0/],
    ['postgres://ana@db:70000/archon', /port 70000/],
    ['postgres://ana@::1/archon', /brackets/],
    ['postgres://ana:50%@db/archon', /"%" in the password/],
    ['postgres://ana:p/w@db/archon', /percent-encoded/],
    ['postgres://ana:p#w@db/archon', /percent-encoded/],
    ['postgres://ana@db/archon?sslmode=prefer', /leaves open whether it is encrypted/],
    ['postgres://ana@db/archon?sslmode=maybe', /sslmode that is not known/],
    ['postgres://ana@db/archon?options=-cfoo', /"options", which is not known/],
  ])('%s is refused with what to do', (url, message) => {
    expect(() => parsePostgresUrl(url)).toThrow(message);
  });

  it('are refused without their password in the message', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{12}$/), fc.string({ maxLength: 20 }), (password, junk) => {
        try {
          parsePostgresUrl(`postgres://ana:${password}${junk}@db:x/archon`);
        } catch (error) {
          expect(String(error)).not.toContain(password);
          return;
        }
        throw new Error('was not refused');
      }),
    );
  });
});

describe('addresses of Redis', () => {
  it('say what was put into them', () => {
    fc.assert(
      fc.property(
        fc.record({
          host: hosts,
          port,
          db: fc.nat(999),
          username: fc.option(anyText.filter((name) => name !== 'default')),
          password: fc.option(anyText),
          tls: fc.constantFrom(NO_TLS, { ...NO_TLS, mode: 'verify-full' as const }),
        }),
        (fields) => {
          const settings = { ...fields, key_prefix: KEY_PREFIX };
          expect(parseRedisUrl(formatRedisUrl(settings))).toEqual(settings);
        },
      ),
    );
  });

  it.each([
    ['http://cache', /must begin with redis:\/\/ or rediss:\/\//],
    ['redis://cache/first', /number of a database/],
    ['redis://cache?protocol=3', /"protocol", which is not known/],
    ['redis://a,b', /several hosts/],
  ])('%s is refused with what to do', (url, message) => {
    expect(() => parseRedisUrl(url)).toThrow(message);
  });
});
