import { describe, expect, it } from 'vitest';
import { filterOf, hasFilters, logsSearch } from './logs-search.ts';

describe('the address of the log', () => {
  it('takes one component or several, and leaves out what it cannot read', () => {
    expect(logsSearch.parse({ component: 'http', level: 'warn', q: 3 })).toMatchObject({
      component: ['http'],
      level: 'warn',
      q: '3',
    });
    const odd = logsSearch.parse({ level: 'loud', from: 'yesterday', entry: 'x', component: ['', 'memory'] });
    expect(filterOf(odd)).toEqual({ components: ['memory'] });
    expect(odd.entry).toBeUndefined();
  });

  it('is no filter when nothing is said', () => {
    expect(hasFilters(logsSearch.parse({ entry: '12' }))).toBe(false);
    expect(filterOf(logsSearch.parse({}))).toEqual({});
  });
});
