import { describe, expect, it } from 'vitest';
import { logsSearch } from '../../logs/logs-search.ts';
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
    const asked = [
      { kind: 'component', component: 'sessions' },
      { kind: 'component', component: 'workers' },
      { kind: 'breaker', breaker: 'webhook:0197a4c2' },
      { kind: 'breaker', breaker: 'redis' },
      { kind: 'refused' },
    ] as const;
    expect(asked.map((place) => logsSearchOf({ place }).component)).toEqual([
      ['sessions', 'resilience', 'journal'],
      ['workers'],
      ['resilience', 'delivery'],
      ['resilience'],
      ['journal'],
    ]);
    // The page of the log understands all of it.
    for (const place of asked) expect(logsSearch.parse(logsSearchOf({ place }))).toEqual(logsSearchOf({ place }));
  });
});

describe('an address that was typed by hand', () => {
  it('leaves out what cannot be read', () => {
    expect(healthSearch.parse({ component: 'fridge', view: 'all', refused: 'yes', write: '7', breaker: 7 })).toEqual({
      breaker: '7',
    });
  });
});
