/** Dead letters: events that a subscriber could not take, kept with the reason until somebody deals with them. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { eventEnvelope } from './events.ts';
import { cursor, instant, jsonObject, labelText, pageLimit, pageOf, partOfText, storedJson } from './primitives.ts';

export const DEAD_LETTER_STATES = ['dead', 'replaying', 'resolved', 'discarded'] as const;
/** Dead letters that one call replays or discards at most; ask again for the others. */
export const MAX_LETTERS_PER_CALL = 10_000;
/** A hundred years. */
export const MAX_AGE_SECONDS = 3_153_600_000;

const thrown = z.object({ name: z.string(), message: z.string(), stack: z.string().nullable() });

/** One time the subscriber was given the event, counted from 1. */
export const deliveryAttempt = z.object({
  attempt: z.int().positive(),
  at: instant,
  duration_ms: z.int().min(0),
  error: z.object({ name: z.string(), message: z.string() }),
});
export type DeliveryAttempt = z.infer<typeof deliveryAttempt>;

/** dead → replaying → resolved, or back to dead; dead → discarded. */
const life = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('dead'),
    retry_at: instant.nullable().describe('When it is replayed by itself; null for never.'),
  }),
  z.object({ state: z.literal('replaying'), since: instant, by: z.string(), replay_id: z.uuid() }),
  z.object({ state: z.literal('resolved'), at: instant, by: z.string() }),
  z.object({ state: z.literal('discarded'), at: instant, by: z.string(), reason: z.string() }),
]);

/** A dead letter in lists: without payload and stack. */
export const deadLetterSummary = z.object({
  id: z.uuid(),
  org_id: z.uuid(),
  subscriber: z.string(),
  event_id: z.string(),
  event_type: z.string(),
  user_id: z.string().nullable(),
  error_name: z.string(),
  error_message: z.string(),
  attempt_count: z.int().min(0),
  edited: z.boolean().describe('The payload was changed for a replay.'),
  first_failed_at: instant,
  failed_at: instant.describe('The last failed attempt.'),
  life,
});
export type DeadLetterSummary = z.infer<typeof deadLetterSummary>;

/** One replay of a dead letter: who asked for it and what came of it. */
export const replay = z.object({
  id: z.uuid(),
  dead_letter_id: z.uuid(),
  run_id: z.uuid().nullable().describe('The replay of many that it belongs to.'),
  actor: z.string(),
  requested_at: instant,
  edited: z.boolean().describe('It sent an edited payload, of this replay or an earlier one.'),
  outcome: z.discriminatedUnion('state', [
    z.object({ state: z.literal('waiting'), due_at: instant }),
    z.object({ state: z.literal('resolved'), at: instant }),
    z.object({ state: z.literal('failed'), at: instant, error: z.object({ name: z.string(), message: z.string() }) }),
    z.object({ state: z.literal('cancelled'), at: instant }),
  ]),
});
export type EventReplay = z.infer<typeof replay>;

export const REPLAY_OUTCOMES = ['waiting', 'resolved', 'failed', 'cancelled'] as const;

/** A replay in the log of all of them: with what it sent, and to whom. */
export const loggedReplay = replay.extend({ subscriber: z.string(), event_id: z.string(), event_type: z.string() });
export type LoggedReplay = z.infer<typeof loggedReplay>;

export const deadLetter = deadLetterSummary.extend({
  event: eventEnvelope.describe('As it lies in the log.'),
  edited_payload: storedJson.nullable().describe('What a replay sends instead of the payload of the event.'),
  error: thrown.describe('Of the last attempt.'),
  attempts: z.array(deliveryAttempt).describe('The last 50, oldest first.'),
  replays: z.array(replay).describe('The last 50, newest first.'),
});
export type DeadLetter = z.infer<typeof deadLetter>;

/** Which dead letters are meant; what is left out does not matter. */
export const deadLetterFilter = z.strictObject({
  types: boundedList(labelText, 100).min(1).optional(),
  subscriber: labelText.optional(),
  error_text: partOfText.min(1).optional().describe('Part of the name or message of the error, in any case.'),
  older_than_seconds: z.int().min(0).max(MAX_AGE_SECONDS).optional(),
  younger_than_seconds: z.int().min(0).max(MAX_AGE_SECONDS).optional(),
});
export type DeadLetterFilter = z.infer<typeof deadLetterFilter>;

const selection = z
  .discriminatedUnion('by', [
    z.strictObject({ by: z.literal('ids'), ids: boundedList(z.uuid(), MAX_LETTERS_PER_CALL).min(1) }),
    z.strictObject({ by: z.literal('filter'), filter: deadLetterFilter }),
  ])
  .describe('Only letters that are dead are taken; others are passed over.');
export type DeadLetterSelection = z.infer<typeof selection>;

/** A replay of many: each letter has its time, so many per second, and nothing has to stay running for it. */
export const replayRun = z.object({
  id: z.uuid(),
  actor: z.string(),
  requested_at: instant,
  per_second: z.number().positive(),
  total: z.int().min(0),
  waiting: z.int().min(0),
  resolved: z.int().min(0),
  failed: z.int().min(0),
  cancelled: z.int().min(0),
  not_taken: z.int().min(0).describe('Letters that matched beyond the most of one call.'),
});
export type ReplayRun = z.infer<typeof replayRun>;

export const deadLetterStats = z.object({
  dead: z.int().min(0),
  replaying: z.int().min(0),
  resolved: z.int().min(0),
  discarded: z.int().min(0),
  oldest_dead_at: instant.nullable(),
  changed_at: instant.nullable().describe('When the state of any of them changed last.'),
  subscribers: z.array(z.object({ subscriber: z.string(), dead: z.int().min(0), oldest_dead_at: instant.nullable() })),
});
export type DeadLetterStats = z.infer<typeof deadLetterStats>;

/** Replays of many on one page: the letters of each are counted. */
export const MAX_RUNS_PER_PAGE = 100;

const TAGS = ['dead letters'];
const id = z.uuid();
const states = boundedList(z.enum(DEAD_LETTER_STATES), 4).min(1).optional();

export const deadLettersContract = {
  list: base
    .route({
      method: 'GET',
      path: '/api/events/dead-letters',
      tags: TAGS,
      summary: 'Dead letters, newest failure first',
    })
    .input(
      deadLetterFilter.extend({
        states,
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(pageOf(deadLetterSummary)),
  stats: base
    .route({
      method: 'GET',
      path: '/api/events/dead-letters/stats',
      tags: TAGS,
      summary: 'How many there are, and since when the oldest waits',
    })
    .output(deadLetterStats),
  count: base
    .route({
      method: 'GET',
      path: '/api/events/dead-letters/count',
      tags: TAGS,
      summary: 'How many match, before they are replayed or discarded',
    })
    .input(deadLetterFilter.extend({ states }))
    .output(z.object({ count: z.int().min(0) })),
  export: base
    .route({
      method: 'GET',
      path: '/api/events/dead-letters/export',
      tags: TAGS,
      summary: 'Dead letters whole, one JSON object per line; the newest 10,000 that match',
    })
    .input(deadLetterFilter.extend({ states }))
    .output(z.file()),
  get: base
    .route({ method: 'GET', path: '/api/events/dead-letters/{id}', tags: TAGS, summary: 'One dead letter, whole' })
    .input(z.strictObject({ id }))
    .output(deadLetter),
  replay: base
    .route({
      method: 'POST',
      path: '/api/events/dead-letters/{id}/replay',
      tags: TAGS,
      summary: 'Give a dead letter to its subscriber again, once',
      description: 'With `payload` that is sent instead; the event in the log stays as it is.',
    })
    .input(z.strictObject({ id, payload: jsonObject.optional() }))
    .output(deadLetter),
  replayMany: base
    .route({
      method: 'POST',
      path: '/api/events/dead-letters/replay',
      tags: TAGS,
      summary: 'Replay the selected dead letters, or all that match, so many per second',
    })
    .input(z.strictObject({ select: selection, per_second: z.number().min(0.1).max(1000).default(10) }))
    .output(replayRun),
  replays: base
    .route({
      method: 'GET',
      path: '/api/events/dead-letters/replays',
      tags: TAGS,
      summary: 'The log of replays: who asked for each and what came of it, newest first',
    })
    .input(
      z.strictObject({
        dead_letter_id: id.optional(),
        run_id: id.optional().describe('Only those of this replay of many.'),
        outcomes: boundedList(z.enum(REPLAY_OUTCOMES), 4).min(1).optional(),
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(pageOf(loggedReplay)),
  replayRuns: base
    .route({
      method: 'GET',
      path: '/api/events/dead-letters/replay-runs',
      tags: TAGS,
      summary: 'Replays of many, newest first, and how far each is',
    })
    .input(z.strictObject({ cursor: cursor.optional(), limit: z.int().min(1).max(MAX_RUNS_PER_PAGE).default(20) }))
    .output(pageOf(replayRun)),
  replayRun: base
    .route({
      method: 'GET',
      path: '/api/events/dead-letters/replay-runs/{run_id}',
      tags: TAGS,
      summary: 'How far a replay of many is',
    })
    .input(z.strictObject({ run_id: id }))
    .output(replayRun),
  cancelReplayRun: base
    .route({
      method: 'POST',
      path: '/api/events/dead-letters/replay-runs/{run_id}/cancel',
      tags: TAGS,
      summary: 'Take back what a replay of many has not begun; those letters are dead again',
    })
    .input(z.strictObject({ run_id: id }))
    .output(replayRun),
  discard: base
    .route({
      method: 'POST',
      path: '/api/events/dead-letters/discard',
      tags: TAGS,
      summary: 'Give up dead letters, with the reason',
    })
    .input(z.strictObject({ select: selection, reason: labelText }))
    .output(z.object({ discarded: z.int().min(0), not_taken: z.int().min(0) })),
};
