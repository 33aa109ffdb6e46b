import { describe, expect, it } from 'vitest';
import { type Config, defaultConfig } from '../settings/config-schema.ts';
import { storeIdentity } from './store-identity.ts';

const identity = (changes: Partial<Config>) => storeIdentity({ ...defaultConfig('/data'), ...changes });

describe('the identity of the stores', () => {
  it('is the same for another login, another port written out and another TLS mode', () => {
    const one = identity({ 'database.url': 'postgres://a:secret@db/archon', 'redis.url': 'redis://:x@r/2' });
    const same = identity({
      'database.url': 'postgresql://b:other@db:5432/archon',
      'database.ssl_mode': 'require',
      'redis.url': 'redis://:y@r:6379/2',
    });
    expect(one).toBe(same);
    expect(one).not.toContain('secret');
  });

  it('differs from store to store', () => {
    const stores: Partial<Config>[] = [
      {},
      { 'database.url': 'postgres://db/archon' },
      { 'database.url': 'postgres://db/other' },
      { 'database.url': 'postgres://db:5433/archon' },
      { 'database.url': 'postgres://db/archon?host=/run/postgresql' },
      { 'redis.url': 'redis://r' },
      { 'redis.url': 'redis://r/3' },
      { 'redis.url': 'redis://r', 'redis.key_prefix': 'other:' },
      { 'redis.cluster_nodes': ['r:6379'] },
    ];
    expect(new Set(stores.map(identity)).size).toBe(stores.length);
  });
});
