/** The seam of search: what finds candidates. Words now; meaning by vectors joins as another retriever. */
import type { Scope } from '../identity/scope.ts';
import type { Transaction } from '../storage/database.ts';
import type { LongTermRow, WorkingRow } from '../storage/schema.ts';

export interface RetrievalRequest {
  user_id: string;
  query: string;
  layers: readonly ('working' | 'longterm')[];
  memory_type?: readonly string[] | undefined;
  tags?: readonly string[] | undefined;
  session_id?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
  /** Least relevance (working) or importance (long-term), 0–1. */
  min_score?: number | undefined;
  as_of?: string | undefined;
  /** Candidates per layer at most. */
  limit: number;
  /** Of what is long, only the beginning is wanted: see `BRIEF`. */
  brief?: boolean;
}

/** `shortened`: it was read in brief, and is longer than that. */
export type MemoryRow = ({ layer: 'working'; row: WorkingRow } | { layer: 'longterm'; row: LongTermRow }) & {
  shortened?: boolean;
};

export type Candidate = MemoryRow & {
  /** How well it fits, greater is better; comparable within one retriever only. */
  strength: number;
  /** Words of the query it holds, in their stemmed form. */
  matched: string[];
};

export interface Retrieved {
  candidates: Candidate[];
  /** The words of the query that can be searched for, stemmed. */
  query_terms: string[];
}

export interface Retriever {
  /** Runs its queries in the transaction given, all in one flight. */
  retrieve(tx: Transaction, scope: Scope, request: RetrievalRequest, now: string): Promise<Retrieved>;
}
