/** Routes that bring memory back: search, context, statistics. */
import { z } from 'zod';
import { base } from './base.ts';
import { boundedList } from './bounded-list.ts';
import {
  anyMemory,
  LONGTERM_TYPES,
  layer,
  MEMORY_LAYERS,
  memoryLayer,
  memoryType,
  message,
  WORKING_TYPES,
} from './entities.ts';
import {
  instant,
  pastTimestamp,
  queryText,
  score,
  sessionId,
  tags,
  timestamp,
  tokenCount,
  trackAccess,
  userId,
} from './primitives.ts';

export const MIN_CONTEXT_TOKENS = 2000;
export const MAX_CONTEXT_TOKENS = 16_000;

export const searchInput = z.strictObject({
  user_id: userId,
  query: queryText,
  layers: boundedList(memoryLayer, MEMORY_LAYERS.length)
    .min(1)
    .default([...MEMORY_LAYERS]),
  memory_type: boundedList(memoryType, WORKING_TYPES.length + LONGTERM_TYPES.length).optional(),
  tags: tags.optional().describe('Memories that carry all of these tags.'),
  session_id: sessionId.optional(),
  created_after: timestamp.optional(),
  created_before: timestamp.optional(),
  min_score: score.optional().describe('Least relevance (working) or importance (long-term).'),
  as_of: pastTimestamp.optional(),
  limit: z.int().min(1).max(200).default(20),
});
export type SearchInput = z.infer<typeof searchInput>;

/** A memory found, how well it fits (1 is the best of this answer), and why it was chosen. */
export const searchHit = z.object({
  memory: anyMemory,
  score,
  reason: z.string(),
});
export type SearchHit = z.infer<typeof searchHit>;

export const searchContract = {
  query: base
    .route({
      method: 'POST',
      path: '/api/memory/search',
      tags: ['search'],
      summary: 'Find memories by words',
      description:
        'Any word may match; the best come first. No input is a syntax error. A query without words finds nothing. Only its first 20,000 characters count. Being found does not count as an access.',
    })
    .input(searchInput)
    .output(z.object({ hits: z.array(searchHit), query_terms: z.array(z.string()), took_ms: z.number() })),
};

const layerSwitches = z.strictObject({
  session: z.boolean().default(true),
  working: z.boolean().default(true),
  longterm: z.boolean().default(true),
});

export const contextInput = z.strictObject({
  user_id: userId,
  session_id: sessionId.optional(),
  query: queryText
    .optional()
    .describe('What the agent is about to answer; default: the last user message of the session.'),
  max_tokens: z
    .int()
    .min(MIN_CONTEXT_TOKENS)
    .max(MAX_CONTEXT_TOKENS)
    .optional()
    .describe('At most what the memory controls allow, which is the default.'),
  layers: layerSwitches.default({ session: true, working: true, longterm: true }),
  track_access: trackAccess,
});
export type ContextInput = z.infer<typeof contextInput>;

const contextSource = z.object({
  enabled: z.boolean(),
  candidates: z.int().min(0),
  count: z.int().min(0),
  tokens: tokenCount,
});

export const leftOut = z.object({
  layer,
  id: z.string(),
  reason: z
    .enum(['budget', 'duplicate', 'unimportant'])
    .describe('`unimportant`: its importance has faded below `memory.longterm_min_importance`.'),
  token_count: tokenCount,
});
export type LeftOut = z.infer<typeof leftOut>;

/**
 * What an agent should know now.
 *
 * `total_tokens` is the exact o200k_base count of `memory_block` and of every message, plus 4 tokens of
 * chat framing for each of them; it never exceeds `max_tokens`.
 */
export const assembledContext = z.object({
  org_id: z.uuid(),
  user_id: z.string(),
  session_id: z.string().nullable(),
  query: z.string().nullable().describe('The query used, at most its first 500 characters.'),
  status: z.enum(['healthy', 'degraded', 'cached', 'error']),
  status_reason: z.string().nullable(),
  assembled_at: instant,
  max_tokens: tokenCount,
  total_tokens: tokenCount,
  memory_block: z.string().describe('The memories as text for a system message; empty when there are none.'),
  messages: z.array(message.extend({ truncated: z.boolean() })).describe('Oldest first.'),
  memories: z.array(
    z.object({
      memory: anyMemory,
      score,
      reason: z.string(),
      token_count: tokenCount.describe('What it takes in `memory_block`.'),
      truncated: z
        .boolean()
        .describe(
          'Not given whole: `content` is then its `text` alone, cut as in `memory_block` where it is long; metadata over 16 KiB and tags beyond 100 are left out. Read it by its id for the rest.',
        ),
    }),
  ),
  sources: z.object({ session: contextSource, working: contextSource, longterm: contextSource }),
  left_out: z.array(leftOut).describe('At most 200.'),
  left_out_count: z.int().min(0),
});
export type AssembledContext = z.infer<typeof assembledContext>;

export const contextContract = {
  assemble: base
    .route({
      method: 'POST',
      path: '/api/memory/context',
      tags: ['context'],
      summary: 'Assemble the context for an agent under a token budget',
      description: 'Counts as an access of the session and of every memory given, unless `track_access` is false.',
    })
    .input(contextInput)
    .output(assembledContext),
};

const typeCount = z.object({ memory_type: memoryType, count: z.int(), token_count: tokenCount });

export const userStats = z.object({
  org_id: z.uuid(),
  user_id: z.string(),
  counts: z.object({ session: z.int(), working: z.int(), longterm: z.int() }),
  tokens: z.object({ session: tokenCount, working: tokenCount, longterm: tokenCount }),
  session_status: z.enum(['healthy', 'unavailable']).describe('When unavailable, session figures are 0.'),
  by_type: z.array(typeCount),
  average_importance: score.nullable(),
  average_relevance: score.nullable(),
  importance_histogram: z.array(z.int()).length(10).describe('Long-term memories per tenth of importance.'),
  growth: z
    .array(z.object({ day: z.iso.date(), working: z.int(), longterm: z.int() }))
    .describe('Memories created per UTC day, every day of the window.'),
  most_accessed: z.array(z.object({ id: z.uuid(), text: z.string(), access_count: z.int() })),
});
export type UserStats = z.infer<typeof userStats>;

export const statsContract = {
  user: base
    .route({ method: 'GET', path: '/api/memory/stats/{user_id}', tags: ['statistics'], summary: 'Figures of one user' })
    .input(z.strictObject({ user_id: userId, days: z.int().min(1).max(365).default(30) }))
    .output(userStats),
};
