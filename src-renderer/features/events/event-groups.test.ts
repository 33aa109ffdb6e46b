import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../../../src-contract/events.ts';
import { eventGroups } from './event-groups.ts';

describe('groups of event types', () => {
  it('hold every type once', () => {
    expect(
      eventGroups()
        .flatMap(({ types }) => types)
        .sort(),
    ).toEqual([...EVENT_TYPES].sort());
  });

  it('have names for people', () => {
    for (const { name } of eventGroups()) expect(name).toMatch(/^[A-Z]/);
  });

  it('keep layers of memory apart', () => {
    expect(eventGroups(['memory.working.created', 'memory.longterm.created', 'memory.imported'])).toEqual([
      { name: 'Working memory', types: ['memory.working.created'] },
      { name: 'Long-term memory', types: ['memory.longterm.created'] },
      { name: 'All of memory', types: ['memory.imported'] },
    ]);
  });
});
