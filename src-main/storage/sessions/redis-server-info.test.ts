import { describe, expect, it } from 'vitest';
import { describeServer } from './redis-server-info.ts';

const info = (fields: Record<string, string>): string =>
  ['# Server', ...Object.entries(fields).map(([name, value]) => `${name}:${value}`), ''].join('\r\n');

describe('what is told of a Redis server', () => {
  it.each<[Record<string, string>, RegExp]>([
    [{ redis_version: '7.0.15' }, /^Redis 7\.0\.15$/],
    [{ redis_version: '8.2.1', maxmemory: '0', maxmemory_policy: 'allkeys-lru' }, /^Redis 8\.2\.1$/],
    [{ redis_version: '7.2.4', server_name: 'valkey', valkey_version: '8.1.0' }, /^Valkey 8\.1\.0$/],
    [{ redis_version: '6.2.14' }, /^Redis 6\.2\.14; older than the supported 7: update it$/],
    [{ redis_version: '6.0.16' }, /^Redis 6\.0\.16; too old: sessions need 6\.2 at least/],
    [{ redis_version: '5.0.0' }, /too old/],
    [{ redis_version: '7.0.0', maxmemory: '1000', maxmemory_policy: 'noeviction' }, /^Redis 7\.0\.0$/],
    [{ redis_version: '7.0.0', maxmemory: '1000', maxmemory_policy: 'volatile-ttl' }, /volatile-ttl drops sessions/],
    [{}, /unknown version/],
  ])('%j', (fields, expected) => {
    expect(describeServer(info(fields))).toMatch(expected);
  });
});
