/** Finds memories by words with PostgreSQL full-text search: any word may match, more words count more. */
import type { Scope } from '../identity/scope.ts';
import type { MemorySettings } from '../memory/memory-settings.ts';
import { longTermTable, workingTable } from '../memory/memory-table.ts';
import type { Transaction } from '../storage/database.ts';
import type { LongTermRow, WorkingRow } from '../storage/schema.ts';
import type { Candidate, RetrievalRequest, Retrieved, Retriever } from './retriever.ts';

const DAY_SECONDS = 86_400;

/** Columns of a found row besides the memory's own. */
interface Found {
  rank: number;
  matched: string[];
}

const found = `c.rank, ARRAY(SELECT word FROM unnest(q.words) AS word WHERE word = ANY (tsvector_to_array(m.text_vector))) AS matched`;
const words = `WITH q AS MATERIALIZED (SELECT archon_query_words($1, $2) AS words)`;

const FIND_WORKING = `${words}
  SELECT ${qualified(workingTable.columns)}, ${found}
  FROM q, archon_search_working($3, archon_any_word(q.words), $4, $5, $6, $7, $8, $9, $10, $11, $12) AS c
  JOIN archon_working_memory AS m ON m.org_id = $13 AND m.id = c.id`;

const FIND_LONGTERM = `${words}
  SELECT ${qualified(longTermTable.columns)}, ${found}
  FROM q, archon_search_longterm($3, archon_any_word(q.words), $4, $5, $6, $7, $8, $9, $10, $11) AS c
  JOIN archon_longterm_memory AS m ON m.org_id = $12 AND m.id = c.id`;

function qualified(columns: readonly string[]): string {
  return columns.map((column) => `m.${column}`).join(', ');
}

/**
 * How well a memory fits: PostgreSQL's rank, times the number of different words of the query in it.
 *
 * The rank alone lets one word repeated often win over several words found once (docs/reference/retrieval.md has the
 * figures). Counting the words is known as coordination level matching.
 */
const strengthOf = (rank: number, matched: readonly string[]): number => rank * matched.length;

export class LexicalRetriever implements Retriever {
  readonly #settings: () => MemorySettings;

  constructor(settings: () => MemorySettings) {
    this.#settings = settings;
  }

  async retrieve(tx: Transaction, scope: Scope, request: RetrievalRequest, now: string): Promise<Retrieved> {
    const { search_language, relevance_half_life_days } = this.#settings();
    const shared = [
      search_language,
      request.query,
      request.user_id,
      request.memory_type?.length ? request.memory_type : null,
      request.tags?.length ? request.tags : null,
      request.session_id ?? null,
      request.created_after ?? null,
      request.created_before ?? null,
    ];
    const min_score = request.min_score ?? null;
    const [terms, working, longterm] = await Promise.all([
      tx.sql<{ words: string[] | null }>('SELECT archon_query_words($1, $2) AS words', [
        search_language,
        request.query,
      ]),
      // What was true at a time in the past is a question to long-term memory alone.
      request.layers.includes('working') && request.as_of === undefined
        ? tx.sql<WorkingRow & Found>(FIND_WORKING, [
            ...shared,
            now,
            min_score,
            relevance_half_life_days * DAY_SECONDS,
            request.limit,
            scope.org_id,
          ])
        : [],
      request.layers.includes('longterm')
        ? tx.sql<LongTermRow & Found>(FIND_LONGTERM, [
            ...shared,
            request.as_of ?? null,
            min_score,
            request.limit,
            scope.org_id,
          ])
        : [],
    ]);
    const candidates: Candidate[] = [
      ...working.map(({ rank, matched, ...row }) => ({
        layer: 'working' as const,
        row,
        strength: strengthOf(rank, matched),
        matched,
      })),
      ...longterm.map(({ rank, matched, ...row }) => ({
        layer: 'longterm' as const,
        row,
        strength: strengthOf(rank, matched),
        matched,
      })),
    ];
    return { candidates, query_terms: terms[0]?.words ?? [] };
  }
}
