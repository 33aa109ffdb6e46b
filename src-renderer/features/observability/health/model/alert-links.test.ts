import { describe, expect, it } from 'vitest';
import { healthSearch } from '../health-search.ts';
import { hashOf, logsSearchOf, QUEUES_ID, searchOf } from './alert-links.ts';

describe('the addresses of warnings', () => {
  it('are ones that the page understands', () => {
    const places = [
      { kind: 'component', component: 'sessions' },
      { kind: 'breaker', breaker: 'redis' },
      { kind: 'refused' },
      { kind: 'queues' },
    ] as const;
    for (const place of places) expect(healthSearch.parse(searchOf(place))).toEqual(searchOf(place));
    expect(places.map(hashOf)).toEqual(['', '', '', QUEUES_ID]);
  });

  it('ask the log for what the warning is about', () => {
    expect(logsSearchOf({ place: { kind: 'component', component: 'sessions' } })).toEqual({
      level: 'warn',
      q: 'redis',
    });
    expect(logsSearchOf({ place: { kind: 'breaker', breaker: 'webhook:0197a4c2' } })).toEqual({ level: 'warn' });
    expect(logsSearchOf({ place: { kind: 'refused' } })).toEqual({ level: 'warn', q: 'journal' });
  });
});

describe('an address that was typed by hand', () => {
  it('leaves out what cannot be read', () => {
    expect(healthSearch.parse({ component: 'fridge', view: 'all', refused: 'yes', write: '7', breaker: 7 })).toEqual({
      breaker: '7',
    });
  });
});
