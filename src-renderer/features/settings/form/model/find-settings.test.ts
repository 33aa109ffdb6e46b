import { describe, expect, it } from 'vitest';
import { findSettings } from './find-settings.ts';
import { apiKey, enabled, origins, ttl, url } from './setting-samples.ts';

const ALL = [enabled, ttl, url, apiKey, origins];
const found = (text: string) => findSettings(ALL, text).map(({ key }) => key);

describe('a search over the settings', () => {
  it('finds words in titles, help, keys, variables and sections, in any case', () => {
    expect(found('LIFETIME')).toEqual([ttl.key]);
    expect(found('last access')).toEqual([ttl.key]);
    expect(found('session_ttl')).toEqual([ttl.key]);
    expect(found('archon_llm')).toEqual([url.key, apiKey.key]);
    expect(found('language model')).toEqual([url.key, apiKey.key]);
  });

  it('wants every word', () => {
    expect(found('language key')).toEqual([apiKey.key]);
    expect(found('language lifetime')).toEqual([]);
  });

  it('goes to one setting by its key or variable', () => {
    expect(found('memory.enabled')).toEqual([enabled.key]);
    expect(found('ARCHON_MEMORY_ENABLED')).toEqual([enabled.key]);
  });

  it('puts first what is called so', () => {
    expect(found('memory')).toEqual([enabled.key, ttl.key]);
    expect(found('origins')[0]).toBe(origins.key);
  });

  it('leaves all of them while nothing is typed', () => {
    expect(found('  ')).toHaveLength(ALL.length);
  });
});
