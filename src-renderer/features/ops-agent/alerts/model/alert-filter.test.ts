import { describe, expect, it } from 'vitest';
import { alertsSearch, hasFilters, NO_FILTERS } from '../alerts-search.ts';
import { alertInput } from './alert-filter.ts';
import { spanOf } from './alert-range.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const inputOf = (given: Record<string, unknown>) => {
  const search = alertsSearch.parse(given);
  return alertInput(search, spanOf(search, NOW));
};

describe('which alerts are asked for', () => {
  it('are those that are not over, of any age', () => {
    expect(inputOf({})).toEqual({ states: ['firing', 'clearing', 'pending'] });
    expect(inputOf({ range: '24h', state: ['pending'], severity: 'high' })).toEqual({
      states: ['pending'],
      severities: ['high'],
    });
  });

  it('are not none when the history was narrowed to those that are over', () => {
    expect(inputOf({ state: ['resolved'] })).toEqual({ states: ['firing', 'clearing', 'pending'] });
  });

  it('are all of a time in the history', () => {
    expect(inputOf({ view: 'history', rule: 'disk-full', text: 'ada' })).toEqual({
      rule: 'disk-full',
      text: 'ada',
      from: '2026-11-23T12:00:00.000Z',
    });
    const span = { from: '2026-11-29T00:00:00.000Z', to: '2026-11-30T00:00:00.000Z' };
    expect(inputOf({ view: 'history', state: 'resolved', ...span })).toEqual({ states: ['resolved'], ...span });
  });

  it('what the URL says is read, and what makes no sense in it is left out', () => {
    expect(alertsSearch.parse({ view: 'x', state: 'gone', range: '1y', from: 'soon', alert: '7', text: ' ' })).toEqual(
      {},
    );
    expect(hasFilters(alertsSearch.parse({ view: 'history', range: '24h' }))).toBe(false);
    expect(hasFilters(alertsSearch.parse({ text: 'ada' }))).toBe(true);
    expect(hasFilters({ ...alertsSearch.parse({ text: 'ada' }), ...NO_FILTERS } as never)).toBe(false);
  });
});
