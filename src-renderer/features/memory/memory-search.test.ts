import { describe, expect, it } from 'vitest';
import { filterCount, memorySearch } from './memory-search.ts';

describe('the URL of the memory inspector', () => {
  it('keeps what it knows', () => {
    const search = {
      user: 'priya',
      tab: 'working',
      type: ['decision'],
      tag: 'a',
      min: 0.5,
      sort: 'score',
      pinned: true,
    };
    expect(memorySearch.parse(search)).toMatchObject({ ...search, tag: ['a'] });
  });

  it('reads ids that look like numbers or switches as the texts they are', () => {
    expect(memorySearch.parse({ user: 42, session: true })).toMatchObject({ user: '42', session: 'true' });
  });

  it.each([
    { tab: 'nonsense' },
    { memory: 'no-uuid' },
    { from: 'yesterday' },
    { min: 7 },
    { sort: [] },
    { pinned: 'maybe' },
    { user: '' },
    { panel: 3 },
  ])('leaves out what it does not: %j', (search) => {
    const [name] = Object.keys(search) as [keyof typeof search];
    expect(memorySearch.parse(search)[name]).toBeUndefined();
  });

  it('counts its filters', () => {
    expect(filterCount(memorySearch.parse({ user: 'a', tab: 'working', sort: 'score' }))).toBe(0);
    expect(filterCount(memorySearch.parse({ type: 'fact', q: 'x', pinned: true }))).toBe(3);
  });
});
