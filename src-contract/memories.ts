/** Routes of working and long-term memory. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import {
  anyMemory,
  LINK_RELATIONS,
  LONGTERM_TYPES,
  longTermMemory,
  longTermType,
  memoryLink,
  memoryRevision,
  memoryUser,
  provenanceInput,
  WORKING_TYPES,
  workingMemory,
  workingType,
} from './entities.ts';
import { orQueued } from './journal.ts';
import {
  cursor,
  idempotencyKey,
  instant,
  jsonObject,
  memoryContent,
  memoryId,
  pageLimit,
  pageOf,
  partOfText,
  pastTimestamp,
  score,
  sessionId,
  tag,
  tags,
  timestamp,
  userId,
} from './primitives.ts';

const WORKING = ['working memory'];
const LONGTERM = ['long-term memory'];
const ANY = ['memories'];
const MAX_BATCH = 500;
/** As many as are changed between two looks of somebody who follows a list. */
export const MAX_IDS = 200;

const byId = z.strictObject({ id: memoryId });
const ordering = z.enum(['newest', 'oldest', 'score']).default('newest');

/** Filters both layers share. Lists may be given as `tags[]=a&tags[]=b`. */
const listFilters = {
  user_id: userId,
  tags: tags.optional().describe('Memories that carry all of these tags.'),
  created_after: timestamp.optional(),
  created_before: timestamp.optional(),
  text: partOfText.optional().describe('Part of the text, upper and lower case alike.'),
  ids: boundedList(memoryId, MAX_IDS)
    .optional()
    .describe(`Of these memories, at most ${MAX_IDS}, those that pass the other filters.`),
  include_deleted: z.boolean().default(false),
  sort: ordering,
  cursor: cursor.optional(),
  limit: pageLimit,
};

export const newWorkingMemory = z.strictObject({
  user_id: userId,
  session_id: sessionId.nullable().optional(),
  memory_type: workingType,
  content: memoryContent,
  metadata: jsonObject.optional(),
  tags: tags.optional(),
  relevance_score: score.optional().describe('Default 0.5.'),
  created_at: pastTimestamp.optional(),
  ttl_days: z.number().min(7).max(30).optional().describe('Days until it expires, 7–30; default by settings.'),
});
export type NewWorkingMemory = z.infer<typeof newWorkingMemory>;

export const newLongTermMemory = z.strictObject({
  user_id: userId,
  memory_type: longTermType,
  content: memoryContent,
  metadata: jsonObject.optional(),
  tags: tags.optional(),
  provenance: provenanceInput.optional().describe('Default: source "api".'),
  importance_score: score.optional().describe('Default 0.5.'),
  pinned: z.boolean().optional(),
  created_at: pastTimestamp.optional(),
  valid_from: pastTimestamp.optional().describe('Default: created_at.'),
});
export type NewLongTermMemory = z.infer<typeof newLongTermMemory>;

const tagList = boundedList(tag, 1000).min(1);

export const workingContract = {
  create: base
    .route({
      method: 'POST',
      path: '/api/memory/working',
      tags: WORKING,
      successStatus: 201,
      summary: 'Remember for days',
    })
    .input(newWorkingMemory.extend({ idempotency_key: idempotencyKey }))
    .output(orQueued(workingMemory)),
  createBatch: base
    .route({
      method: 'POST',
      path: '/api/memory/working/batch',
      tags: WORKING,
      successStatus: 201,
      summary: 'Remember up to 500 at once, all or none',
    })
    .input(z.strictObject({ items: boundedList(newWorkingMemory, MAX_BATCH).min(1), idempotency_key: idempotencyKey }))
    .output(orQueued(z.object({ items: z.array(workingMemory) }))),
  list: base
    .route({ method: 'GET', path: '/api/memory/working', tags: WORKING, summary: 'List working memories' })
    .input(
      z.strictObject({
        ...listFilters,
        session_id: sessionId.optional(),
        memory_type: boundedList(workingType, WORKING_TYPES.length).optional(),
        min_relevance: score.optional(),
        include_expired: z.boolean().default(false).describe('Expired memories as well, which are gone elsewhere.'),
        scored_at: pastTimestamp
          .optional()
          .describe(
            'Relevance as it is at this time; default now. With `scored_at` of a page, answers compare with that page.',
          ),
      }),
    )
    .output(
      pageOf(workingMemory).extend({
        scored_at: instant.describe('When relevance is as answered: for all pages the time of the first.'),
      }),
    ),
  get: base
    .route({
      method: 'GET',
      path: '/api/memory/working/{id}',
      tags: WORKING,
      summary: 'One working memory',
      description:
        'An expired one is gone: it can be neither read, changed, linked nor restored; only its history is left.',
    })
    .input(byId)
    .output(workingMemory),
  update: base
    .route({
      method: 'PATCH',
      path: '/api/memory/working/{id}',
      tags: WORKING,
      summary: 'Change a working memory; the state before is kept as a revision',
    })
    .input(
      z.strictObject({
        id: memoryId,
        content: memoryContent.optional(),
        metadata: jsonObject.optional(),
        tags: tags.optional(),
        memory_type: workingType.optional(),
        relevance_score: score.optional(),
        ttl_days: z.number().min(7).max(30).optional().describe('Days from now.'),
        idempotency_key: idempotencyKey,
      }),
    )
    .output(orQueued(workingMemory)),
  delete: base
    .route({
      method: 'DELETE',
      path: '/api/memory/working/{id}',
      tags: WORKING,
      summary: 'Delete; it can be restored until retention ends',
    })
    .input(byId.extend({ idempotency_key: idempotencyKey }))
    .output(orQueued(workingMemory)),
};

export const longTermContract = {
  create: base
    .route({
      method: 'POST',
      path: '/api/memory/longterm',
      tags: LONGTERM,
      successStatus: 201,
      summary: 'Remember for good',
    })
    .input(newLongTermMemory.extend({ idempotency_key: idempotencyKey }))
    .output(orQueued(longTermMemory)),
  createBatch: base
    .route({
      method: 'POST',
      path: '/api/memory/longterm/batch',
      tags: LONGTERM,
      successStatus: 201,
      summary: 'Remember up to 500 at once, all or none',
    })
    .input(z.strictObject({ items: boundedList(newLongTermMemory, MAX_BATCH).min(1), idempotency_key: idempotencyKey }))
    .output(orQueued(z.object({ items: z.array(longTermMemory) }))),
  list: base
    .route({ method: 'GET', path: '/api/memory/longterm', tags: LONGTERM, summary: 'List long-term memories' })
    .input(
      z.strictObject({
        ...listFilters,
        memory_type: boundedList(longTermType, LONGTERM_TYPES.length).optional(),
        min_importance: score.optional(),
        pinned: z.boolean().optional(),
        session_id: sessionId.optional().describe('Memories that come from this session.'),
        include_superseded: z.boolean().default(false),
        as_of: pastTimestamp.optional().describe('What was held to be true at this time.'),
      }),
    )
    .output(pageOf(longTermMemory)),
  get: base
    .route({
      method: 'GET',
      path: '/api/memory/longterm/{id}',
      tags: LONGTERM,
      summary: 'One long-term memory; counts as an access',
    })
    .input(byId)
    .output(longTermMemory),
  update: base
    .route({
      method: 'PATCH',
      path: '/api/memory/longterm/{id}',
      tags: LONGTERM,
      summary: 'Change tags, metadata, importance, type or pin; content is changed by superseding',
    })
    .input(
      z.strictObject({
        id: memoryId,
        metadata: jsonObject.optional(),
        tags: tags.optional(),
        memory_type: longTermType.optional(),
        importance_score: score.optional(),
        pinned: z.boolean().optional(),
        idempotency_key: idempotencyKey,
      }),
    )
    .output(orQueued(longTermMemory)),
  supersede: base
    .route({
      method: 'POST',
      path: '/api/memory/longterm/{id}/supersede',
      tags: LONGTERM,
      successStatus: 201,
      summary: 'Replace what is remembered by what is true now; the old stays readable in its time',
      description: 'What is not given is taken over from the memory replaced. Answers with the new memory.',
    })
    .input(
      z.strictObject({
        id: memoryId,
        content: memoryContent,
        metadata: jsonObject.optional(),
        tags: tags.optional(),
        memory_type: longTermType.optional(),
        importance_score: score.optional(),
        pinned: z.boolean().optional(),
        provenance: provenanceInput.optional(),
        valid_from: pastTimestamp.optional().describe('When the change took effect; default now.'),
        idempotency_key: idempotencyKey,
      }),
    )
    .output(orQueued(longTermMemory)),
  delete: base
    .route({
      method: 'DELETE',
      path: '/api/memory/longterm/{id}',
      tags: LONGTERM,
      summary: 'Delete; it can be restored until retention ends',
    })
    .input(byId.extend({ idempotency_key: idempotencyKey }))
    .output(orQueued(longTermMemory)),
};

export const bulkAction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tag'), tags: tagList }),
  z.strictObject({ kind: z.literal('untag'), tags: tagList }),
  z.strictObject({ kind: z.literal('pin') }),
  z.strictObject({ kind: z.literal('unpin') }),
  z.strictObject({ kind: z.literal('delete') }),
  z.strictObject({ kind: z.literal('restore') }),
]);
export type BulkAction = z.infer<typeof bulkAction>;

export const memoriesContract = {
  history: base
    .route({
      method: 'GET',
      path: '/api/memory/{id}/history',
      tags: ANY,
      summary: 'How a memory came to be what it is',
      description:
        'The memory, its newest 500 revisions (newest first), its links, and for a long-term memory the newest 1,000 of the chain of superseding it belongs to, oldest first.',
    })
    .input(byId)
    .output(
      z.object({
        memory: anyMemory,
        revisions: z.array(memoryRevision),
        chain: z.array(longTermMemory),
        links: z.array(memoryLink),
      }),
    ),
  bulk: base
    .route({
      method: 'POST',
      path: '/api/memory/bulk',
      tags: ANY,
      summary: 'Tag, pin, delete or restore many, all or none',
      description:
        'Ids that are not there, or expired, are answered in `missing`, the others are changed. Pins apply to long-term memories.',
    })
    .input(
      z.strictObject({
        ids: boundedList(memoryId, 1000).min(1),
        action: bulkAction,
        idempotency_key: idempotencyKey,
      }),
    )
    .output(orQueued(z.object({ changed: z.array(z.uuid()), missing: z.array(z.uuid()) }))),
  link: base
    .route({ method: 'PUT', path: '/api/memory/links', tags: ANY, summary: 'Link two memories' })
    .input(
      z.strictObject({
        from_id: memoryId,
        to_id: memoryId,
        relation: z.enum(LINK_RELATIONS),
        idempotency_key: idempotencyKey,
      }),
    )
    .output(orQueued(memoryLink)),
  unlink: base
    .route({ method: 'POST', path: '/api/memory/links/remove', tags: ANY, summary: 'Remove a link' })
    .input(
      z.strictObject({
        from_id: memoryId,
        to_id: memoryId,
        relation: z.enum(LINK_RELATIONS),
        idempotency_key: idempotencyKey,
      }),
    )
    .output(orQueued(z.object({ removed: z.boolean() }))),
  users: base
    .route({ method: 'GET', path: '/api/memory/users', tags: ANY, summary: 'Users with any memory, by id' })
    .input(
      z.strictObject({
        search: partOfText.optional().describe('Part of the user id.'),
        cursor: cursor.optional(),
        limit: pageLimit,
      }),
    )
    .output(pageOf(memoryUser)),
  erase: base
    .route({
      method: 'POST',
      path: '/api/memory/users/{user_id}/erase',
      tags: ANY,
      summary: 'Erase everything of a user, for good',
      description:
        'Sessions, memories, revisions, links and import records; the event log keeps ids, no content. `confirm` must repeat the user id. It cannot be undone.',
    })
    .input(z.strictObject({ user_id: userId, confirm: z.string() }))
    .output(z.object({ sessions: z.int(), working: z.int(), longterm: z.int() })),
};
