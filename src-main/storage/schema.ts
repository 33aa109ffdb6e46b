/** The tables as Kysely sees them. Entities keep these shapes up to the screen; times are ISO strings. */
import type { Generated } from 'kysely';
import type {
  JsonObject,
  LINK_RELATIONS,
  LONGTERM_TYPES,
  MemoryContent,
  MemoryRevision,
  Provenance,
  WORKING_TYPES,
} from '../../src-contract/index.ts';

/** A working memory as stored: `relevance_score` is the one at `relevance_at`, not yet decayed. */
export interface WorkingRow {
  org_id: string;
  id: string;
  user_id: string;
  session_id: string | null;
  memory_type: (typeof WORKING_TYPES)[number];
  content: MemoryContent;
  metadata: JsonObject;
  tags: string[];
  token_count: number;
  relevance_score: number;
  relevance_at: string;
  created_at: string;
  updated_at: string;
  expires_at: string;
  deleted_at: string | null;
  language: string;
}

export interface LongTermRow {
  org_id: string;
  id: string;
  user_id: string;
  memory_type: (typeof LONGTERM_TYPES)[number];
  content: MemoryContent;
  metadata: JsonObject;
  tags: string[];
  token_count: number;
  provenance: Provenance;
  importance_score: number;
  pinned: boolean;
  access_count: number;
  last_accessed_at: string | null;
  created_at: string;
  updated_at: string;
  valid_from: string;
  valid_to: string | null;
  superseded_by: string | null;
  deleted_at: string | null;
  language: string;
}

export type RevisionRow = MemoryRevision;

export interface LinkRow {
  org_id: string;
  from_id: string;
  to_id: string;
  relation: (typeof LINK_RELATIONS)[number];
  created_at: string;
}

export interface EventRow {
  id: Generated<string>;
  org_id: string;
  type: string;
  user_id: string | null;
  actor: string;
  payload: JsonObject;
  created_at: Generated<string>;
  /** Of an event that was in the outbox of another store. */
  source_id: Generated<string | null>;
}

export interface IdempotencyRow {
  org_id: string;
  key: string;
  operation: string;
  request_sha256: string;
  response: unknown;
  created_at: Generated<string>;
}

export interface Tables {
  archon_orgs: { org_id: string; name: string; created_at: Generated<string> };
  archon_working_memory: WorkingRow;
  archon_longterm_memory: LongTermRow;
  archon_memory_revisions: RevisionRow;
  archon_memory_links: LinkRow;
  archon_events: EventRow;
  archon_idempotency_keys: IdempotencyRow;
}
