/** Scores that halve every half-life: what was relevant last month matters less today. */
import { type RawBuilder, sql } from 'kysely';

const DAY_MS = 86_400_000;
/** Beyond this many half-lives a score is zero for every purpose (`archon_decayed` has the same limit). */
const MAX_HALF_LIVES = 1000;

/** The score at `now_ms` of one that was `score` at `since_ms`. Times ahead of now do not raise it. */
export function decayed(score: number, since_ms: number, now_ms: number, half_life_days: number): number {
  const half_lives = Math.min(MAX_HALF_LIVES, Math.max(0, now_ms - since_ms) / (half_life_days * DAY_MS));
  return score * 0.5 ** half_lives;
}

/**
 * The same in PostgreSQL, over the columns `relevance_score` and `relevance_at`. Not by `archon_decayed`: `extract` is
 * numeric there, which takes more than all the rest when many rows are read.
 */
export function decayedRelevanceSql(now: string, half_life_days: number): RawBuilder<number> {
  const age_seconds = sql`date_part('epoch', ${now}::timestamptz - relevance_at)`;
  const half_lives = sql`greatest(0::float8, ${age_seconds} / ${half_life_days * 86_400}::float8)`;
  return sql<number>`(relevance_score * power(0.5::float8, least(${MAX_HALF_LIVES}::float8, ${half_lives})))`;
}
