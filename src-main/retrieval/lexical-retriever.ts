/** Finds memories by words with PostgreSQL full-text search: any word may match, more words count more. */
import type { Scope } from '../identity/scope.ts';
import type { MemorySettingsOf } from '../memory/memory-settings.ts';
import { longTermTable, workingTable } from '../memory/memory-table.ts';
import type { Transaction } from '../storage/database.ts';
import type { LongTermRow, WorkingRow } from '../storage/schema.ts';
import type { Candidate, RetrievalRequest, Retrieved, Retriever } from './retriever.ts';

const DAY_SECONDS = 86_400;
/** Characters of a query that are searched for words. */
const MAX_QUERY_LENGTH = 20_000;

/** Columns of a found row besides the memory's own. */
interface Found {
  /** PostgreSQL's rank, times the number of different words of the query in it: `archon_strength` in the migration. */
  strength: number;
  matched: string[];
  /** When read in brief. */
  shortened?: boolean;
}

const found = `c.strength, ARRAY(SELECT word FROM unnest(q.words) AS word WHERE word = ANY (tsvector_to_array(m.text_vector))) AS matched`;
const words = `WITH q AS MATERIALIZED (SELECT archon_query_words($1, $2) AS words)`;

const findWorking = (columns: string) => `${words}
  SELECT ${columns}, ${found}
  FROM q, archon_search_working($3, q.words, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS c
  JOIN archon_working_memory AS m ON m.org_id = $13 AND m.id = c.id`;

const findLongterm = (columns: string) => `${words}
  SELECT ${columns}, ${found}
  FROM q, archon_search_longterm($3, q.words, $4, $5, $6, $7, $8, $9, $10, $11) AS c
  JOIN archon_longterm_memory AS m ON m.org_id = $12 AND m.id = c.id`;

const FIND = {
  whole: { working: findWorking(workingTable.selection('m')), longterm: findLongterm(longTermTable.selection('m')) },
  brief: {
    working: findWorking(workingTable.briefSelection('m')),
    longterm: findLongterm(longTermTable.briefSelection('m')),
  },
};

export class LexicalRetriever implements Retriever {
  readonly #settings: MemorySettingsOf;

  constructor(settings: MemorySettingsOf) {
    this.#settings = settings;
  }

  async retrieve(tx: Transaction, scope: Scope, request: RetrievalRequest, now: string): Promise<Retrieved> {
    const { search_language, relevance_half_life_days } = this.#settings(scope);
    const find = request.brief ? FIND.brief : FIND.whole;
    const query = firstCharacters(request.query, MAX_QUERY_LENGTH);
    const shared = [
      search_language,
      query,
      request.user_id,
      request.memory_type?.length ? request.memory_type : null,
      request.tags?.length ? request.tags : null,
      request.session_id ?? null,
      request.created_after ?? null,
      request.created_before ?? null,
    ];
    const min_score = request.min_score ?? null;
    const [terms, working, longterm] = await Promise.all([
      tx.sql<{ words: string[] | null }>('SELECT archon_query_words($1, $2) AS words', [search_language, query]),
      // What was true at a time in the past is a question to long-term memory alone.
      request.layers.includes('working') && request.as_of === undefined
        ? tx.sql<WorkingRow & Found>(find.working, [
            ...shared,
            now,
            min_score,
            relevance_half_life_days * DAY_SECONDS,
            request.limit,
            scope.org_id,
          ])
        : [],
      request.layers.includes('longterm')
        ? tx.sql<LongTermRow & Found>(find.longterm, [
            ...shared,
            request.as_of ?? null,
            min_score,
            request.limit,
            scope.org_id,
          ])
        : [],
    ]);
    const candidates: Candidate[] = [
      ...working.map(({ strength, matched, shortened = false, ...row }) => ({
        layer: 'working' as const,
        row,
        strength,
        matched,
        shortened,
      })),
      ...longterm.map(({ strength, matched, shortened = false, ...row }) => ({
        layer: 'longterm' as const,
        row,
        strength,
        matched,
        shortened,
      })),
    ];
    return { candidates, query_terms: terms[0]?.words ?? [] };
  }
}

/** The beginning of a text, without half a character at its end. */
function firstCharacters(text: string, length: number): string {
  const head = text.slice(0, length);
  return head.isWellFormed() ? head : head.slice(0, -1);
}
