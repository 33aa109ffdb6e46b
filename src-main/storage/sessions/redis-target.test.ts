import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../settings/config-schema.ts';
import { ConfigError } from '../../settings/load-config.ts';
import { createRedis } from './redis-connection.ts';
import { describeTarget, type RedisSettings, redisTarget } from './redis-target.ts';

const withSettings = (settings: Partial<RedisSettings>): RedisSettings => ({ ...defaultConfig('/data'), ...settings });
const target = (settings: Partial<RedisSettings>) => redisTarget(withSettings(settings));

describe('the Redis of the configuration', () => {
  it('is none by default', () => {
    expect(target({})).toBeUndefined();
    expect(createRedis(withSettings({}))).toBeUndefined();
  });

  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379, db: 0, tls: undefined, username: undefined }],
    ['redis://10.0.0.5:6380/2', { host: '10.0.0.5', port: 6380, db: 2 }],
    ['rediss://cache.example.org:6390/', { host: 'cache.example.org', port: 6390, db: 0, tls: {} }],
    ['redis://:s%40crt%2F@host', { password: 's@crt/', username: undefined }],
    ['redis://me:pw@[::1]:6379', { host: '::1', username: 'me', password: 'pw' }],
  ])('is one server for %s', (url, expected) => {
    expect(target({ 'redis.url': url })).toMatchObject({ mode: 'standalone', ...expected });
  });

  it('is a primary under Sentinels', () => {
    const found = target({
      'redis.sentinels': ['a.example.org', '10.0.0.1:26380', '[::1]:5000'],
      'redis.sentinel_name': 'main',
      'redis.password': 'secret',
      'redis.sentinel_username': 'watcher',
      'redis.sentinel_password': 'other secret',
      'redis.tls': true,
    });
    expect(found).toEqual({
      mode: 'sentinel',
      name: 'main',
      username: undefined,
      password: 'secret',
      tls: {},
      sentinels: [
        { host: 'a.example.org', port: 26379 },
        { host: '10.0.0.1', port: 26380 },
        { host: '::1', port: 5000 },
      ],
      sentinel_login: { username: 'watcher', password: 'other secret' },
    });
  });

  it('is a Cluster', () => {
    expect(target({ 'redis.cluster_nodes': ['a:7000', 'b'], 'redis.username': 'me' })).toMatchObject({
      mode: 'cluster',
      username: 'me',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 6379 },
      ],
    });
  });

  it.each<[Partial<RedisSettings>, RegExp]>([
    [{ 'redis.cluster_nodes': ['a:1', 'redis://b:1'] }, /redis\.cluster_nodes must list.*"redis:\/\/b:1" is none/],
    [{ 'redis.cluster_nodes': ['a:99999'] }, /"a:99999" is none/],
    [{ 'redis.cluster_nodes': ['me:pw@a'] }, /redis\.cluster_nodes/],
    [{ 'redis.url': 'redis://a/sessions' }, /redis\.url must end in the number of a database/],
    [{ 'redis.url': 'redis://a:p%w@host' }, /"%" in the user or password must be written as "%25"/],
  ])('is refused when a key cannot be read: %j', (settings, message) => {
    expect(() => target(settings)).toThrow(ConfigError);
    expect(() => target(settings)).toThrow(message);
  });

  it('is named in messages without its password', () => {
    const names = [
      target({ 'redis.url': 'redis://me:secret@host:1234' }),
      target({ 'redis.sentinels': ['a', 'b'], 'redis.sentinel_name': 'main', 'redis.sentinel_password': 'secret' }),
      target({ 'redis.cluster_nodes': ['a', 'b:1'], 'redis.password': 'secret' }),
    ].map((found) => found && describeTarget(found));
    expect(names).toEqual([
      'Redis at host:1234',
      'Redis "main" of the Sentinels a:26379, b:26379',
      'the Redis Cluster of a:6379, b:1',
    ]);
  });
});
