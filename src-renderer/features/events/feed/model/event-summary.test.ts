import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, type EventPayload, type EventType } from '../../../../../src-contract/events.ts';
import { FAMILIES, toneOf, typesOf } from '../../event-families.ts';
import { placesOf } from './event-links.ts';
import { summaryOf } from './event-summary.ts';

const [ID, OTHER] = ['0199a1b2-0000-7000-8000-00000000abcd', '0199a1b2-0000-7000-8000-000000001234'];
const memory = { memory_id: ID, memory_type: 'fact' };
const link = { from_id: ID, to_id: OTHER, relation: 'supports' };
const run = { worker: 'decay', run_id: ID, node_id: 'n1', shard: null, trigger: 'schedule' } as const;
const end = { ...run, duration_ms: 1240, items: 1200, changed: 3 };
const letter = { delivery_id: ID, subscriber: 'webhook.x', event_id: '7', event_type: 'memory.imported' };

/** A payload of each type, and what is said of it. */
const SAID: { [T in EventType]: [EventPayload<T>, string] } = {
  'memory.session.created': [{ session_id: 's1' }, 'Session s1 begun'],
  'memory.session.updated': [{ session_id: 's1' }, 'Session s1 changed'],
  'memory.session.deleted': [{ session_id: 's1' }, 'Session s1 deleted'],
  'memory.session.expired': [{ session_id: 's1' }, 'Session s1 ran out'],
  'memory.message.added': [{ session_id: 's1', message_ids: ['a', 'b'] }, '2 messages added to session s1'],
  'memory.context.assembled': [
    { session_id: 's1', total_tokens: 1500, status: 'complete' },
    'Context of 1,500 tokens for session s1, complete',
  ],
  'memory.working.created': [memory, 'Working memory written: fact …0000abcd'],
  'memory.working.updated': [memory, 'Working memory changed: fact …0000abcd'],
  'memory.working.deleted': [memory, 'Working memory deleted: fact …0000abcd'],
  'memory.working.restored': [memory, 'Working memory brought back: fact …0000abcd'],
  'memory.longterm.created': [memory, 'Long-term memory written: fact …0000abcd'],
  'memory.longterm.updated': [memory, 'Long-term memory changed: fact …0000abcd'],
  'memory.longterm.superseded': [
    { ...memory, superseded_by: OTHER },
    'Long-term memory superseded: fact …0000abcd by …00001234',
  ],
  'memory.longterm.deleted': [memory, 'Long-term memory deleted: fact …0000abcd'],
  'memory.longterm.restored': [memory, 'Long-term memory brought back: fact …0000abcd'],
  'memory.link.created': [link, 'Linked: …0000abcd supports …00001234'],
  'memory.link.removed': [link, 'Link removed: …0000abcd supports …00001234'],
  'memory.imported': [{ layer: 'working', count: 1 }, '1 working memory imported'],
  'memory.user.erased': [
    { working: 1200, longterm: 3 },
    'Everything about the user erased: 1,200 working and 3 long-term memories',
  ],
  'settings.changed': [{ keys: ['a', 'b'] }, 'Settings changed: a, b'],
  'worker.run.started': [run, 'decay began, by schedule'],
  'worker.run.succeeded': [{ ...end, shard: '1/4' }, 'decay (part 1/4) changed 3 of 1,200 in 1.2 s'],
  'worker.run.failed': [{ ...end, outcome: 'timed_out', error: 'slow' }, 'decay took too long after 1.2 s: slow'],
  'worker.state.changed': [{ worker: 'decay', from: 'running', to: 'paused', reason: null }, 'decay: running → paused'],
  'event.delivery.dead': [
    { ...letter, attempts: 10, error_name: 'WebhookRefused' },
    'webhook.x gave up on memory.imported (7) after 10 attempts: WebhookRefused',
  ],
  'event.delivery.resolved': [
    { ...letter, resolution: 'discarded', reason: 'old' },
    'Dead letter discarded: memory.imported (7) for webhook.x: old',
  ],
  'system.breaker.changed': [
    {
      breaker: 'redis',
      from: 'closed',
      to: 'open',
      reason: 'timeout',
      since: '2026-01-01T00:00:00Z',
      failures: 5,
      error: 'timeout',
    },
    'Breaker redis: closed → open: timeout',
  ],
  'system.journal.drained': [
    { store: 'database', writes: 12, away_ms: 61_000 },
    'The database takes writes again: 12 writes that waited up to 61 s are in it',
  ],
  'system.journal.refused': [
    { store: 'sessions', write_id: ID, operation: 'sessions.append', error: 'NOT_FOUND' },
    'The session store refused a queued write (sessions.append): NOT_FOUND',
  ],
  'system.events.dropped': [
    { source: 'sessions', count: 2, first_at: '2026-01-01T00:00:00Z', last_at: '2026-01-01T00:00:00Z' },
    '2 events of sessions could not wait any longer and are not in the log',
  ],
};

describe('what an event tells', () => {
  it.each(EVENT_TYPES)('%s', (type) => {
    const [payload, text] = SAID[type];
    expect(summaryOf({ type, payload: { ...payload } })).toBe(text);
  });

  it('counts one memory as one', () => {
    expect(summaryOf({ type: 'memory.user.erased', payload: { working: 1, longterm: 1 } })).toBe(
      'Everything about the user erased: 1 working and 1 long-term memory',
    );
  });

  it('is the payload where this page does not know the type, or not this form of it', () => {
    expect(summaryOf({ type: 'memory.dreamt', payload: { of: 'sheep' } })).toBe('{"of":"sheep"}');
    expect(summaryOf({ type: 'memory.session.created', payload: { id: 1 } })).toBe('{"id":1}');
  });

  it('is one line of what can be seen, however long and hostile the names in it are', () => {
    const text = summaryOf({
      type: 'memory.session.created',
      payload: { session_id: `a\u001b[31m\n\u202e${'W'.repeat(9000)}` },
    });
    expect(text).toMatch(/^Session a␛\[31m ‹U\+202E›W+$/);
    expect(text.length).toBeLessThan(320);
  });
});

describe('families of events', () => {
  it('hold every type once', () => {
    const all = FAMILIES.flatMap(typesOf);
    expect(all.toSorted()).toEqual([...EVENT_TYPES].sort());
  });

  it('have colours, faults their own, and what is not known none', () => {
    expect(toneOf('memory.working.created')).toBe('working');
    expect(toneOf('worker.run.failed')).toBe('bad');
    expect(toneOf('system.journal.refused')).toBe('bad');
    expect(toneOf('memory.dreamt')).toBe('plain');
    expect(toneOf('constructor')).toBe('plain');
  });
});

describe('what an event is about', () => {
  it.each<[EventType, unknown[]]>([
    ['memory.working.created', [{ place: 'memory', name: 'Memory', memory_id: ID, tab: 'working' }]],
    [
      'memory.longterm.superseded',
      [
        { place: 'memory', name: 'Memory', memory_id: ID, tab: 'longterm' },
        { place: 'memory', name: 'Superseded by', memory_id: OTHER, tab: 'longterm' },
      ],
    ],
    [
      'memory.link.created',
      [
        { place: 'memory', name: 'From', memory_id: ID, tab: undefined },
        { place: 'memory', name: 'To', memory_id: OTHER, tab: undefined },
      ],
    ],
    ['memory.message.added', [{ place: 'session', name: 'Session', session_id: 's1' }]],
    [
      'event.delivery.dead',
      [
        { place: 'event', name: 'Event', event_id: '7' },
        { place: 'dead-letter', name: 'Dead letter', letter_id: ID },
      ],
    ],
    ['worker.run.started', [{ place: 'worker', name: 'Worker', worker: 'decay' }]],
    ['settings.changed', []],
  ])('%s', (type, places) => {
    expect(placesOf({ type, payload: { ...SAID[type][0] } })).toEqual(places);
  });

  it('is the webhook whose setting was changed', () => {
    expect(placesOf({ type: 'settings.changed', payload: { keys: ['memory.enabled', `webhooks.${ID}`] } })).toEqual([
      { place: 'webhook', name: 'Webhook', webhook_id: ID },
    ]);
  });

  it('is nothing of what this page cannot read', () => {
    expect(placesOf({ type: 'memory.dreamt', payload: { memory_id: ID } })).toEqual([]);
    expect(placesOf({ type: 'memory.working.created', payload: { memory_id: 'javascript:alert(1)' } })).toEqual([]);
  });
});
