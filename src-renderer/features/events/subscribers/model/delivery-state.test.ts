import { describe, expect, it } from 'vitest';
import type { EventSubscriber } from '../../../../../src-contract/index.ts';
import { deliveryState, totalsOf, waited } from './delivery-state.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const subscriber = (name: string, more: Partial<EventSubscriber> = {}): EventSubscriber => ({
  name,
  kind: 'webhook',
  webhook_id: null,
  types: null,
  enabled: true,
  cursor: '10',
  behind: 0,
  waiting: 0,
  delayed: 0,
  running: 0,
  dead: 0,
  oldest_waiting_at: null,
  delivered: 0,
  failed_attempts: 0,
  given_up: 0,
  delivered_per_minute: 0,
  ...more,
});
const [a, b, c] = ['a', 'b', 'c'].map((name) => subscriber(name)) as [
  EventSubscriber,
  EventSubscriber,
  EventSubscriber,
];

describe('how delivery is', () => {
  it('is well when nothing waits', () => {
    expect(deliveryState([a, b, c], NOW)).toEqual({ tone: 'ok', text: 'All 3 subscribers are up to date.' });
    expect(deliveryState([a], NOW).text).toBe('The one subscriber is up to date.');
  });

  it('names who is furthest behind, and for how long', () => {
    const slow = subscriber('webhook-x', { behind: 1000, waiting: 200, running: 4, oldest_waiting_at: ago(250) });
    expect(deliveryState([a, slow], NOW)).toEqual({
      tone: 'warn',
      text: 'webhook-x is 1,204 events behind, the oldest has waited 4 min.',
    });
    expect(deliveryState([subscriber('y', { delayed: 1 }), slow], NOW).text).toBe(
      'webhook-x is 1,204 events behind, the oldest has waited 4 min. 1 more has events to handle.',
    );
    expect(deliveryState([subscriber('y', { behind: 1 })], NOW).text).toBe('y is 1 event behind.');
  });

  it('says that there may be more than are counted', () => {
    expect(deliveryState([subscriber('y', { behind: 100_000 })], NOW).text).toBe('y is 100,000 or more events behind.');
  });

  it('tells of dead letters first of all by its colour', () => {
    expect(deliveryState([a, subscriber('y', { dead: 1 })], NOW)).toEqual({
      tone: 'bad',
      text: 'All 2 subscribers are up to date. 1 event could not be delivered and is in the dead letters.',
    });
  });

  it('does not wait for those that are switched off', () => {
    const off = subscriber('off', { enabled: false, waiting: 7 });
    expect(deliveryState([a, off], NOW).text).toBe('The one subscriber is up to date. 1 subscriber is switched off.');
    expect(deliveryState([off], NOW).text).toMatch(/^No subscriber is switched on/);
  });

  it('adds up', () => {
    expect(totalsOf([subscriber('a', { behind: 1, delayed: 2, dead: 3 }), subscriber('b', { behind: 10 })])).toEqual({
      behind: 11,
      waiting: 0,
      delayed: 2,
      running: 0,
      dead: 3,
      delivered_per_minute: 0,
    });
  });

  it.each([
    [0, '0 s'],
    [59, '59 s'],
    [61, '1 min'],
    [7300, '2 h'],
    [200_000, '2 d'],
    [-5, '0 s'],
  ])('a wait of %i seconds is %s', (seconds, text) => {
    expect(waited(ago(seconds), NOW)).toBe(text);
  });
});
