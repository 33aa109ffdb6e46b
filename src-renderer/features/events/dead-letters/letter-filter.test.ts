import { describe, expect, it } from 'vitest';
import type { DeadLetterSummary } from '../../../../src-contract/index.ts';
import { deadLettersSearch, hasFilters } from './dead-letters-search.ts';
import { asOf, belongs, letterInput, newestFirst } from './letter-filter.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z');
const letter = (change: Partial<DeadLetterSummary> = {}): DeadLetterSummary => ({
  id: '019b0000-0000-7000-8000-000000000001',
  org_id: '019b0000-0000-7000-8000-000000000000',
  subscriber: 'webhook.one',
  event_id: '7',
  event_type: 'memory.session.created',
  user_id: 'ana',
  error_name: 'WebhookRefusedError',
  error_message: 'answered with 422',
  attempt_count: 3,
  edited: false,
  first_failed_at: '2026-03-01T10:00:00.000Z',
  failed_at: '2026-03-01T11:00:00.000Z',
  life: { state: 'dead', retry_at: null },
  ...change,
});
const isShown = (search: object, one = letter()) => belongs(one, letterInput(deadLettersSearch.parse(search)), NOW_MS);

describe('the URL of the dead letters', () => {
  it('leaves out what cannot be read', () => {
    expect(deadLettersSearch.parse({ state: 'lost', older: 'x', letter: '7', type: 5, error: ' ' })).toEqual({});
  });

  it('takes one for a list', () => {
    expect(deadLettersSearch.parse({ state: 'dead', type: 'memory.imported' })).toEqual({
      state: ['dead'],
      type: ['memory.imported'],
    });
  });

  it('knows whether anything is filtered', () => {
    expect(hasFilters({})).toBe(false);
    expect(hasFilters({ letter: letter().id })).toBe(false);
    expect(hasFilters({ younger: 60 })).toBe(true);
  });
});

describe('which dead letters are shown', () => {
  it('are those that somebody has to deal with, unless others are asked for', () => {
    const done = letter({ life: { state: 'resolved', at: letter().failed_at, by: 'ana' } });
    expect([isShown({}), isShown({}, done), isShown({ state: ['resolved'] }, done)]).toEqual([true, false, true]);
  });

  it.each([
    [{ subscriber: 'webhook.one' }, true],
    [{ subscriber: 'webhook.two' }, false],
    [{ type: ['memory.session.created'] }, true],
    [{ type: ['memory.session.deleted'] }, false],
    [{ error: 'REFUSEDerror answered' }, true],
    [{ error: '500' }, false],
    [{ older: 3600 }, true],
    [{ older: 3601 }, false],
    [{ younger: 3600 }, true],
    [{ younger: 3599 }, false],
  ])('with %j: %s', (search, shown) => expect(isShown(search)).toBe(shown));

  it('stand with the newest failure first', () => {
    const [older, newer] = [letter(), letter({ failed_at: '2026-03-01T11:00:00.001Z' })];
    const twin = letter({ id: '019b0000-0000-7000-8000-000000000002' });
    expect([older, twin, newer].sort(newestFirst)).toEqual([newer, twin, older]);
  });
});

describe('what was chosen some time ago', () => {
  it('is what had failed then', () => {
    expect(asOf({}, 0)).toEqual({ older_than_seconds: 0 });
    expect(asOf({ subscriber: 'mail' }, 2300)).toEqual({ subscriber: 'mail', older_than_seconds: 3 });
    const span = { older_than_seconds: 3600, younger_than_seconds: 86_400 };
    expect(asOf(span, 2300)).toEqual({ older_than_seconds: 3603, younger_than_seconds: 86_402 });
  });

  it('is never more, by a clock that was put back', () => {
    expect(asOf({}, -5000)).toEqual({ older_than_seconds: 0 });
  });
});
