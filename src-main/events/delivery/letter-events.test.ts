import { describe, expect, it } from 'vitest';
import { lettersDied, lettersResolved } from './letter-events.ts';

const scope = { org_id: 'ours', actor: 'ada' };
const letters = [
  { id: 'one', event_type: 'session.ended' },
  { id: 'two', event_type: 'event.delivery.dead' },
  { id: 'three', event_type: 'worker.failed' },
];

describe('the news of dead letters', () => {
  it('says which events it writes, so that they are counted', () => {
    expect(lettersDied(scope, letters).event_types).toEqual(['event.delivery.dead', 'event.delivery.dead']);
    const resolved = lettersResolved(scope, letters.slice(0, 1), 'discarded');
    expect(resolved.event_types).toEqual(['event.delivery.resolved']);
  });

  it('is not told of letters about such news', () => {
    expect(lettersDied(scope, letters).compile().parameters).toEqual(['ours', ['one', 'three'], 'event.delivery.dead']);
  });
});
