import { describe, expect, it } from 'vitest';
import { settingsSearch } from './settings-search.ts';

describe('the URL of the settings', () => {
  it('names section, search, user and setting', () => {
    const search = { section: 'memory', find: 'ttl', user: 'ana', setting: 'memory.session_ttl_minutes' };
    expect(settingsSearch.parse(search)).toEqual(search);
    expect(settingsSearch.parse({ find: 42, user: 7 })).toEqual({ find: '42', user: '7' });
  });

  it('leaves out what cannot be read', () => {
    expect(settingsSearch.parse({ section: 'engine', find: '', user: ' ', setting: '../etc' })).toEqual({});
  });
});
