/** Routes of the session layer: conversations as they happen. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import { message, newMessage, session, sessionContextInput, sessionWithMessages } from './entities.ts';
import { orQueued } from './journal.ts';
import {
  cursor,
  idempotencyKey,
  labelText,
  pageLimit,
  pageOf,
  pastTimestamp,
  sessionId,
  trackAccess,
  userId,
} from './primitives.ts';

const TAGS = ['sessions'];
/** 10 seconds to 365 days. */
const ttlSeconds = z.int().min(10).max(31_536_000);

export const createSessionInput = z.strictObject({
  session_id: sessionId.optional(),
  user_id: userId,
  title: labelText.nullable().optional(),
  context: sessionContextInput.optional(),
  started_at: pastTimestamp.optional(),
  ttl_seconds: ttlSeconds.optional().describe('Life after the last access; default by settings.'),
  messages: boundedList(newMessage, 500).optional(),
  idempotency_key: idempotencyKey,
});

export const sessionsContract = {
  create: base
    .route({ method: 'POST', path: '/api/memory/sessions', tags: TAGS, successStatus: 201, summary: 'Begin a session' })
    .input(createSessionInput)
    .output(orQueued(session)),
  list: base
    .route({
      method: 'GET',
      path: '/api/memory/sessions',
      tags: TAGS,
      summary: 'List sessions, last used first',
      description:
        'A session used while you page moves to the front: when it was still to come, no later page shows it, and the first page read again does.',
    })
    .input(z.strictObject({ user_id: userId, cursor: cursor.optional(), limit: pageLimit }))
    .output(pageOf(session)),
  get: base
    .route({
      method: 'GET',
      path: '/api/memory/session/{session_id}',
      tags: TAGS,
      summary: 'A session with its newest messages; counts as an access unless `track_access` is false',
    })
    .input(
      z.strictObject({
        session_id: sessionId,
        message_limit: z.int().min(0).max(1000).default(50),
        track_access: trackAccess,
      }),
    )
    .output(sessionWithMessages),
  update: base
    .route({
      method: 'PATCH',
      path: '/api/memory/session/{session_id}',
      tags: TAGS,
      summary: 'Change title, context or life time',
    })
    .input(
      z.strictObject({
        session_id: sessionId,
        title: labelText.nullable().optional(),
        context: sessionContextInput.optional().describe('Given members replace; others stay.'),
        ttl_seconds: ttlSeconds.optional(),
        idempotency_key: idempotencyKey,
      }),
    )
    .output(orQueued(session)),
  delete: base
    .route({
      method: 'DELETE',
      path: '/api/memory/session/{session_id}',
      tags: TAGS,
      summary: 'Forget a session and its messages at once',
      description:
        'Answers kept for repeated writes with an idempotency key show its title and context, no message; they go after 24 hours, or when the user is erased.',
    })
    .input(z.strictObject({ session_id: sessionId, idempotency_key: idempotencyKey }))
    .output(orQueued(z.object({ session_id: z.string(), deleted: z.boolean() }))),
  append: base
    .route({
      method: 'POST',
      path: '/api/memory/session/{session_id}/messages',
      tags: TAGS,
      successStatus: 201,
      summary: 'Append messages',
      description:
        'A message whose message_id the session already holds is not added again. With user_id, a session that does not exist is begun, and one of another user is not found.',
    })
    .input(
      z.strictObject({
        session_id: sessionId,
        user_id: userId.optional(),
        messages: boundedList(newMessage, 500).min(1),
        idempotency_key: idempotencyKey,
      }),
    )
    .output(orQueued(z.object({ session, messages: z.array(message), added: z.int().min(0) }))),
  messages: base
    .route({
      method: 'GET',
      path: '/api/memory/session/{session_id}/messages',
      tags: TAGS,
      summary: 'Messages of a session, page by page; never an access',
      description:
        'A page holds at most 4 MiB, but at least one message: it may be shorter than `limit` and still have a next one.',
    })
    .input(
      z.strictObject({
        session_id: sessionId,
        order: z.enum(['oldest_first', 'newest_first']).default('oldest_first'),
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(pageOf(message)),
};
