/** What Archon remembers: sessions, working memories, long-term memories. One shape from table to screen. */
import { z } from 'zod';
import { boundedList } from './bounded-list.ts';
import {
  contentText,
  instant,
  jsonObject,
  labelText,
  memoryId,
  messageId,
  pastTimestamp,
  score,
  sessionId,
  storedContent,
  storedJson,
  tokenCount,
  userId,
} from './primitives.ts';

export const LAYERS = ['session', 'working', 'longterm'] as const;
export const MEMORY_LAYERS = ['working', 'longterm'] as const;
export const ROLES = ['system', 'user', 'assistant', 'tool'] as const;
export const WORKING_TYPES = ['conversation', 'action', 'decision'] as const;
export const LONGTERM_TYPES = ['fact', 'preference', 'skill', 'relationship'] as const;
export const LINK_RELATIONS = ['supports', 'contradicts', 'relates_to', 'derived_from'] as const;

export const layer = z.enum(LAYERS);
export const memoryLayer = z.enum(MEMORY_LAYERS);
export const workingType = z.enum(WORKING_TYPES);
export const longTermType = z.enum(LONGTERM_TYPES);
export const memoryType = z.enum([...WORKING_TYPES, ...LONGTERM_TYPES]);
export const role = z.enum(ROLES);

/** One message of a session. `token_count` is its exact o200k_base count. */
export const message = z.object({
  message_id: z.string(),
  role,
  content: z.string(),
  timestamp: instant,
  token_count: tokenCount,
  metadata: storedJson.optional(),
});
export type Message = z.infer<typeof message>;

/** A message as an agent sends it. */
export const newMessage = z.strictObject({
  message_id: messageId.optional(),
  role,
  content: contentText,
  timestamp: pastTimestamp.optional(),
  metadata: jsonObject.optional(),
});
export type NewMessage = z.infer<typeof newMessage>;

/** What the agent is busy with in a session. */
export const sessionContext = z.object({
  active_project_id: z.string().nullable(),
  active_task_ids: z.array(z.string()),
  mentioned_files: z.array(z.string()),
  metadata: storedJson,
});
export type SessionContext = z.infer<typeof sessionContext>;

export const sessionContextInput = z.strictObject({
  active_project_id: labelText.nullable().optional(),
  active_task_ids: boundedList(labelText, 1000).optional(),
  mentioned_files: boundedList(labelText, 10_000).optional(),
  metadata: jsonObject.optional(),
});
export type SessionContextInput = z.infer<typeof sessionContextInput>;

/** A session without its messages. `expires_at` moves on with every access. */
export const session = z.object({
  session_id: z.string(),
  org_id: z.uuid(),
  user_id: z.string(),
  title: z.string().nullable(),
  started_at: instant,
  last_accessed_at: instant,
  expires_at: instant,
  ttl_seconds: z.int().positive().describe('Life after the last access.'),
  context: sessionContext,
  message_count: z.int().min(0),
  token_count: tokenCount,
});
export type Session = z.infer<typeof session>;

export const sessionWithMessages = session.extend({
  messages: z
    .array(message)
    .describe(
      'The newest messages, oldest first; together at most 4 MiB, but at least one. Pages of the messages give the others.',
    ),
});
export type SessionWithMessages = z.infer<typeof sessionWithMessages>;

const memoryCommon = {
  id: z.uuid(),
  org_id: z.uuid(),
  user_id: z.string(),
  content: storedContent,
  metadata: storedJson,
  tags: z.array(z.string()),
  token_count: tokenCount,
  created_at: instant,
  updated_at: instant,
  deleted_at: instant.nullable().describe('Set while a deleted memory can still be restored.'),
};

/** A working memory: days. `relevance_score` is decayed to the time of the answer. After `expires_at` it is gone. */
export const workingMemory = z.object({
  ...memoryCommon,
  session_id: z.string().nullable(),
  memory_type: workingType,
  relevance_score: score,
  expires_at: instant,
});
export type WorkingMemoryEntry = z.infer<typeof workingMemory>;

/** Where a long-term memory comes from. */
export const provenance = z.object({
  source: z.string(),
  session_id: z.string().optional(),
  message_id: z.string().optional(),
  working_ids: z.array(z.uuid()).optional(),
  agent: z.string().optional(),
});
export type Provenance = z.infer<typeof provenance>;

export const provenanceInput = z.strictObject({
  source: labelText,
  session_id: sessionId.optional(),
  message_id: messageId.optional(),
  working_ids: boundedList(memoryId, 1000).optional(),
  agent: labelText.optional(),
});

/** A long-term memory: for good. Current while `valid_to` is null; a changed one points to its successor. */
export const longTermMemory = z.object({
  ...memoryCommon,
  memory_type: longTermType,
  provenance,
  importance_score: score,
  pinned: z.boolean(),
  last_accessed_at: instant.nullable(),
  access_count: z.int().min(0).describe('Reads by id and contexts it was given in; lists and searches do not count.'),
  valid_from: instant,
  valid_to: instant.nullable(),
  superseded_by: z.uuid().nullable(),
});
export type LongTermMemoryEntry = z.infer<typeof longTermMemory>;

export const anyMemory = z.discriminatedUnion('layer', [
  workingMemory.extend({ layer: z.literal('working') }),
  longTermMemory.extend({ layer: z.literal('longterm') }),
]);
export type AnyMemory = z.infer<typeof anyMemory>;

/** What a memory looked like before one change. `revision` counts from 1. */
export const memoryRevision = z.object({
  org_id: z.uuid(),
  memory_id: z.uuid(),
  layer: memoryLayer,
  revision: z.int().positive(),
  change: z.enum(['updated', 'superseded', 'deleted', 'restored']),
  actor: z.string(),
  before: storedJson,
  created_at: instant,
});
export type MemoryRevision = z.infer<typeof memoryRevision>;

export const memoryLink = z.object({
  org_id: z.uuid(),
  from_id: z.uuid(),
  to_id: z.uuid(),
  relation: z.enum(LINK_RELATIONS),
  created_at: instant,
});
export type MemoryLink = z.infer<typeof memoryLink>;

export const memoryUser = z.object({
  user_id: userId,
  working_count: z.int(),
  longterm_count: z.int(),
  session_count: z.int(),
});
export type MemoryUser = z.infer<typeof memoryUser>;
