import { describe, expect, it } from 'vitest';
import type { Profile } from '../../../../../src-contract/index.ts';
import { connectionInput } from '../../../../../src-contract/profiles.ts';
import {
  type ConnectionForm,
  cacheUrl,
  changeOf,
  connectionOf,
  databaseUrl,
  faultsOf,
  formOf,
  withCacheUrl,
  withDatabaseUrl,
} from './connection-form.ts';
import { readPostgresUrl, readRedisUrl } from './connection-url.ts';

const TLS = { mode: 'verify-full', ca_pem: null, cert_pem: null, has_key: true } as const;
const production: Profile & { kind: 'remote' } = {
  profile_id: '0d1a3b1e-6d2f-4c88-9f0a-2f4f5c2b7a10',
  kind: 'remote',
  name: 'Production',
  color: 'red',
  read_only: true,
  agents: false,
  created_at: '2026-01-01T00:00:00.000Z',
  last_used_at: null,
  last_problem: null,
  connection: {
    database: {
      host: 'db.example.org',
      port: 5432,
      database: 'archon',
      user: 'archon',
      has_password: true,
      tls: TLS,
      pool_size: 10,
    },
    redis: {
      host: 'cache.example.org',
      port: 6379,
      db: 2,
      username: null,
      has_password: true,
      tls: { ...TLS, has_key: false },
      key_prefix: 'archon:',
    },
  },
};

const faults = (form: ConnectionForm) => Object.keys(faultsOf(form, true)).toSorted();
const edited = (change: (form: ConnectionForm) => void): ConnectionForm => {
  const form = structuredClone(formOf(production));
  change(form);
  return form;
};

describe('the form of a connection', () => {
  it('of a profile that is kept is right, and changes nothing by itself', () => {
    const form = formOf(production);
    expect(faults(form)).toEqual([]);
    expect(changeOf(production, form)).toEqual({ profile_id: production.profile_id });
  });

  it('sends what the engine takes', () => {
    expect(connectionInput.safeParse(connectionOf(formOf(production))).error).toBeUndefined();
    const local = edited((form) => {
      form.has_redis = false;
    });
    expect(connectionInput.parse(connectionOf(local)).redis).toBeNull();
  });

  it('keeps secrets that nobody touched, replaces them, and removes them', () => {
    const sent = (password: ConnectionForm['database']['password']) => {
      const { database } = connectionOf(edited((form) => Object.assign(form.database, { password })));
      return 'password' in database ? database.password : 'kept';
    };
    expect(sent({ isKept: true, text: '' })).toBe('kept');
    expect(sent({ isKept: false, text: 'new' })).toBe('new');
    expect(sent({ isKept: false, text: '' })).toBeNull();
  });

  it('says what is wrong at its field', () => {
    const wrong = edited(({ looks, database, redis }) => {
      looks.name = ' ';
      database.host = 'postgres://db';
      database.port = '0';
      database.user = '';
      database.tls.ca_pem = 'a certificate';
      redis.key_prefix = 'archon*';
    });
    expect(faults(wrong)).toEqual([
      'database.host',
      'database.port',
      'database.tls.ca_pem',
      'database.user',
      'looks.name',
      'redis.key_prefix',
    ]);
    expect(Object.keys(faultsOf(wrong, false))).toEqual(['looks.name']);
  });

  it('wants the key of a client certificate', () => {
    const cert_pem = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----';
    const key = { isKept: false, text: '' };
    expect(faults(edited((form) => Object.assign(form.database.tls, { cert_pem })))).toEqual([]);
    expect(faults(edited((form) => Object.assign(form.database.tls, { cert_pem, key })))).toEqual(['database.tls.key']);
  });

  it('sends nothing while a URL is not understood, rather than what stood there before', () => {
    const unread = edited((form) => Object.assign(form.unread, { database: 'postgres:/db' }));
    expect(faults(unread)).toEqual(['unread.database']);
  });

  it('does not ask for a Redis that is switched off', () => {
    const off = edited((form) => {
      form.has_redis = false;
      form.redis.host = '';
    });
    expect(faults(off)).toEqual([]);
  });

  it('of this computer or a copy changes its looks only', () => {
    const { connection: _, ...rest } = production;
    const local: Profile = { ...rest, kind: 'local', profile_id: 'local', read_only: false };
    const form = formOf(local);
    form.looks.name = 'Mine';
    form.database.host = 'elsewhere';
    expect(changeOf(local, form)).toEqual({ profile_id: 'local', name: 'Mine' });
  });
});

describe('URL and fields', () => {
  it('turn into each other; what a URL does not say stays', () => {
    const { database } = formOf(production);
    const url = databaseUrl(database);
    expect(url).toBe('postgres://archon@db.example.org:5432/archon?sslmode=verify-full');
    const read = readPostgresUrl(url);
    if ('problem' in read) throw new Error(read.problem);
    expect(withDatabaseUrl(database, read.address)).toEqual(database);
    const other = readPostgresUrl('postgres://me:secret@localhost/test');
    if ('problem' in other) throw new Error(other.problem);
    expect(withDatabaseUrl(database, other.address)).toMatchObject({
      host: 'localhost',
      password: { isKept: false, text: 'secret' },
      tls: { mode: 'disable', key: { isKept: true } },
    });
  });

  it('of Redis keep how strictly it is encrypted', () => {
    const { redis } = formOf(production);
    redis.tls.mode = 'verify-ca';
    const read = readRedisUrl(cacheUrl(redis));
    if ('problem' in read) throw new Error(read.problem);
    expect(withCacheUrl(redis, read.address)).toEqual(redis);
    expect(withCacheUrl({ ...redis, tls: { ...redis.tls, mode: 'disable' } }, read.address).tls.mode).toBe(
      'verify-full',
    );
  });
});
