import { expect, it } from 'vitest';
import { actionsSearch, hasFilters } from './actions-search.ts';

const ALERT = '00000000-0000-4000-8000-000000000001';

it('keeps of an address what can be read, in the order of the states', () => {
  expect(
    actionsSearch.parse({
      remediator: 'cache-clear',
      state: ['failed', 'nonsense', 'helped'],
      origin: 'rule',
      alert: ALERT,
    }),
  ).toEqual({ remediator: 'cache-clear', state: ['helped', 'failed'], origin: 'rule', alert: ALERT });
  expect(actionsSearch.parse({ state: 'failed' })).toEqual({ state: ['failed'] });
  expect(hasFilters(actionsSearch.parse({ remediator: 'x', state: 7, origin: [], alert: 'no', action: {} }))).toBe(
    false,
  );
});
