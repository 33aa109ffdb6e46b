/** The records of an Archon archive, and what each must be to be let in. See docs/reference/archive-format.md. */
import { z } from 'zod';
import {
  contentText,
  type ExportScope,
  exportScope,
  type JsonObject,
  jsonObject,
  LINK_RELATIONS,
  labelText,
  longTermType,
  memoryContent,
  memoryId,
  memoryLayer,
  messageId,
  provenanceInput,
  role,
  score,
  sessionId,
  tag,
  timestamp,
  tokenCount,
  userId,
  workingType,
} from '../../../src-contract/index.ts';
import { assertNever } from '../../errors.ts';

export const ARCHIVE_FORMAT = 'archon-archive';
/** The newest we read. */
export const ARCHIVE_VERSION = 2;

/** Types of records between header and manifest. */
export const RECORD_TYPES = ['session', 'message', 'working', 'longterm', 'revision', 'link'] as const;
export type ArchiveRecordType = (typeof RECORD_TYPES)[number];

const INT32_MAX = 2_147_483_647;
/** The longest life of a session after its last access, in seconds: a year. */
const MAX_TTL_SECONDS = 31_536_000;
const MAX_LABELS = 100_000;

export const archiveHeader = z.object({
  type: z.literal('header'),
  format: z.literal(ARCHIVE_FORMAT),
  version: z.int().positive(),
  created_at: timestamp,
  app_version: z.string(),
  scope: exportScope,
});
export type ArchiveHeader = z.infer<typeof archiveHeader>;

const storedTokens = tokenCount.max(INT32_MAX);
const labels = z.array(labelText).max(MAX_LABELS);
/** A name of one of PostgreSQL's text search configurations. */
const language = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);

const archivedSession = z.strictObject({
  session_id: sessionId,
  org_id: z.uuid(),
  user_id: userId,
  title: labelText.nullable(),
  started_at: timestamp,
  last_accessed_at: timestamp,
  expires_at: timestamp,
  ttl_seconds: z.int().positive().max(MAX_TTL_SECONDS),
  context: z.strictObject({
    active_project_id: labelText.nullable(),
    active_task_ids: labels,
    mentioned_files: labels,
    metadata: jsonObject,
  }),
  message_count: z.int().min(0),
  token_count: tokenCount,
});

const archivedMessage = z.strictObject({
  message_id: messageId,
  role,
  content: contentText,
  timestamp,
  token_count: storedTokens,
  metadata: jsonObject.optional(),
});

const memoryFields = {
  org_id: z.uuid(),
  id: memoryId,
  user_id: userId,
  content: memoryContent,
  metadata: jsonObject,
  tags: z.array(tag).max(10_000),
  token_count: storedTokens,
  created_at: timestamp,
  updated_at: timestamp,
  deleted_at: timestamp.nullable(),
  language,
};

const archivedWorking = z.strictObject({
  ...memoryFields,
  session_id: sessionId.nullable(),
  memory_type: workingType,
  relevance_score: score,
  relevance_at: timestamp,
  expires_at: timestamp,
});

const archivedLongTerm = z
  .strictObject({
    ...memoryFields,
    memory_type: longTermType,
    provenance: provenanceInput,
    importance_score: score,
    pinned: z.boolean(),
    access_count: z.int().min(0),
    last_accessed_at: timestamp.nullable(),
    valid_from: timestamp,
    valid_to: timestamp.nullable(),
    superseded_by: memoryId.nullable(),
  })
  .refine(({ valid_from, valid_to }) => valid_to === null || valid_to >= valid_from, {
    path: ['valid_to'],
    message: 'must not lie before valid_from',
  });

const archivedRevision = z.strictObject({
  org_id: z.uuid(),
  memory_id: memoryId,
  layer: memoryLayer,
  revision: z.int().positive().max(INT32_MAX),
  change: z.enum(['updated', 'superseded', 'deleted', 'restored']),
  actor: labelText,
  before: boundedParts(),
  created_at: timestamp,
});

const archivedLink = z
  .strictObject({
    org_id: z.uuid(),
    from_id: memoryId,
    to_id: memoryId,
    relation: z.enum(LINK_RELATIONS),
    created_at: timestamp,
  })
  .refine(({ from_id, to_id }) => from_id !== to_id, { path: ['to_id'], message: 'must not be from_id' });

/** A row as it was: each of its fields is JSON as large as a field may be, so the whole may be larger than one. */
function boundedParts(): z.ZodType<JsonObject, JsonObject> {
  return z
    .record(z.string(), z.unknown())
    .refine((value) => Object.keys(value).length <= 100, 'must have at most 100 fields')
    .superRefine((value, context) => {
      for (const key of Object.keys(value)) {
        const fault = jsonObject.safeParse({ [key]: value[key] }).error?.issues[0];
        if (fault) context.addIssue({ code: 'custom', path: fault.path, message: fault.message });
      }
    }) as unknown as z.ZodType<JsonObject, JsonObject>;
}

/** What stands between header and manifest. */
export const archiveRecord = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('session'), session: archivedSession }),
  z.strictObject({
    type: z.literal('message'),
    session_id: sessionId,
    user_id: userId,
    seq: z.int().positive(),
    message: archivedMessage,
  }),
  z.strictObject({ type: z.literal('working'), row: archivedWorking }),
  z.strictObject({ type: z.literal('longterm'), row: archivedLongTerm }),
  z.strictObject({ type: z.literal('revision'), row: archivedRevision }),
  z.strictObject({ type: z.literal('link'), row: archivedLink }),
]);
export type ArchiveRecord = z.infer<typeof archiveRecord>;

/** `archon-alice-2026-05-01.archon.gz`: only characters every file system takes. */
export function archiveFileName(scope: ArchiveHeader['scope'], created_at: string): string {
  const name = fileNamePart(scope);
  return `archon-${name}-${created_at.slice(0, 10)}.archon.gz`;
}

function fileNamePart(scope: ExportScope): string {
  switch (scope.kind) {
    case 'org':
      return 'all';
    case 'users':
      return `${scope.user_ids.length}-users`;
    case 'user':
      return scope.user_id.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, 60);
    default:
      return assertNever(scope);
  }
}

/** The oldest version that can say this: an Archon that knows no chosen users must not take such an archive for damaged. */
export const versionFor = (scope: ExportScope): number => (scope.kind === 'users' ? 2 : 1);
