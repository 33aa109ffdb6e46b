import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tag } from '../../../../src-contract/primitives.ts';
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

  it('asks only for components the server takes, whatever is in the address', () => {
    const odd = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.constantFrom(' ', '\0', ' http', 'http'),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 40 }), (component) => {
        const { components = [] } = filterOf(logsSearch.parse({ component }));
        expect(components.every((one) => tag.safeParse(one).data === one)).toBe(true);
        expect(new Set(components).size).toBe(components.length);
        expect(components.length).toBeLessThanOrEqual(30);
      }),
    );
  });

  it('is no filter when nothing is said', () => {
    expect(hasFilters(logsSearch.parse({ entry: '12' }))).toBe(false);
    expect(filterOf(logsSearch.parse({}))).toEqual({});
  });
});
