/** Puts candidates in order: how well the words fit, what the memory is worth by itself, how fresh it is. */

import { decayed } from '../memory/decay.ts';
import type { MemorySettings } from '../memory/memory-settings.ts';
import type { LongTermRow, WorkingRow } from '../storage/schema.ts';
import type { MemoryRow } from './retriever.ts';

/** Shares of the score. Words decide; worth and freshness order what fits alike. */
const WEIGHTS = { words: 0.7, worth: 0.2, freshness: 0.1 } as const;
const FRESHNESS_HALF_LIFE_DAYS = 30;

export interface Ranked<T extends MemoryRow = MemoryRow> {
  item: T;
  /** 0–1. */
  score: number;
  reason: string;
}

export interface RankInput {
  item: MemoryRow;
  /** Strength of the word match over the best of the answer, 0–1; 0 when it was not found by words. */
  words: number;
  matched: readonly string[];
}

/**
 * Scores and sorts; ties go to the newer, then to the greater id, so that equal calls give equal answers.
 *
 * @param query_terms number of searchable words in the query; with 0 only worth and freshness count
 */
export function rank(
  inputs: readonly RankInput[],
  query_terms: number,
  now_ms: number,
  settings: MemorySettings,
): Ranked[] {
  const ranked = inputs.map(({ item, words, matched }) => {
    const worth = worthOf(item, now_ms, settings);
    const freshness = decayed(1, Date.parse(item.row.created_at), now_ms, FRESHNESS_HALF_LIFE_DAYS);
    const byItself = (WEIGHTS.worth * worth + WEIGHTS.freshness * freshness) / (WEIGHTS.worth + WEIGHTS.freshness);
    const score = query_terms === 0 ? byItself : WEIGHTS.words * words + (1 - WEIGHTS.words) * byItself;
    return { item, score: Math.min(1, Math.max(0, score)), reason: reasonOf(item, matched, query_terms, worth) };
  });
  return ranked.sort(
    (a, b) =>
      b.score - a.score ||
      compare(b.item.row.created_at, a.item.row.created_at) ||
      compare(b.item.row.id, a.item.row.id),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function worthOf({ layer, row }: MemoryRow, now_ms: number, settings: MemorySettings): number {
  return layer === 'working' ? relevanceOf(row, now_ms, settings) : importanceOf(row, now_ms, settings);
}

function relevanceOf(row: WorkingRow, now_ms: number, settings: MemorySettings): number {
  return decayed(row.relevance_score, Date.parse(row.relevance_at), now_ms, settings.relevance_half_life_days);
}

/** Importance fades while nobody asks for the memory; a pinned one keeps it. */
export function importanceOf(row: LongTermRow, now_ms: number, settings: MemorySettings): number {
  if (row.pinned) return row.importance_score;
  const since = Math.max(Date.parse(row.valid_from), Date.parse(row.last_accessed_at ?? row.valid_from));
  return decayed(row.importance_score, since, now_ms, settings.importance_half_life_days);
}

function reasonOf(item: MemoryRow, matched: readonly string[], query_terms: number, worth: number): string {
  const parts: string[] = [];
  if (item.layer === 'longterm' && item.row.pinned) parts.push('pinned');
  if (matched.length > 0) {
    parts.push(`matches ${matched.length} of ${query_terms} words (${matched.slice(0, 8).join(', ')})`);
  }
  parts.push(`${item.layer === 'working' ? 'relevance' : 'importance'} ${worth.toFixed(2)}`);
  return parts.join('; ');
}
