/** Figures of one user: how much is remembered, how it grew, what is used. */
import { sql } from 'kysely';
import type { Logger } from 'pino';
import type { Outputs, UserStats } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database } from '../storage/database.ts';
import type { SessionStore, SessionTotals } from '../storage/sessions/session-store.ts';
import { fromTemplate } from '../storage/sql.ts';
import { decayedRelevanceSql } from './decay.ts';
import type { MemorySettingsOf } from './memory-settings.ts';

const DAY_MS = 86_400_000;
const MOST_ACCESSED = 10;
const EXCERPT_LENGTH = 200;

interface TypeRow {
  layer: 'working' | 'longterm';
  memory_type: UserStats['by_type'][number]['memory_type'];
  count: number;
  token_count: number;
  score_sum: number;
}

/** Memories of one type, day and tenth of importance. */
interface GroupRow {
  memory_type: TypeRow['memory_type'];
  /** Days since 1970, in UTC; null before the days that are shown. */
  day: number | null;
  tenth: number | null;
  /** With those that are not live any more. */
  written: number;
  count: number;
  token_count: number;
  score_sum: number;
}

interface Figures {
  types: TypeRow[];
  histogram: number[];
  growth: UserStats['growth'];
  most_accessed: UserStats['most_accessed'];
}

export class MemoryStats {
  readonly #database: Database;
  readonly #sessions: SessionStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settings: MemorySettingsOf;

  constructor(deps: {
    database: Database;
    sessions: SessionStore;
    clock: Clock;
    logger: Logger;
    settings: MemorySettingsOf;
  }) {
    this.#database = deps.database;
    this.#sessions = deps.sessions;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#settings = deps.settings;
  }

  async user(scope: Scope, input: { user_id: string; days: number }): Promise<Outputs['stats']['user']> {
    const now_ms = this.#clock.now();
    const [totals, figures] = await Promise.all([
      this.#sessionTotals(scope, input.user_id, now_ms),
      this.#memoryFigures(scope, input.user_id, input.days, now_ms),
    ]);
    const { types, histogram, growth, most_accessed } = figures;
    const sum = (layer: TypeRow['layer'], member: 'count' | 'token_count' | 'score_sum') =>
      types.filter((row) => row.layer === layer).reduce((total, row) => total + row[member], 0);
    const average = (layer: TypeRow['layer']) => {
      const count = sum(layer, 'count');
      return count === 0 ? null : Math.min(1, sum(layer, 'score_sum') / count);
    };
    return {
      org_id: scope.org_id,
      user_id: input.user_id,
      counts: {
        session: totals?.sessions ?? 0,
        working: sum('working', 'count'),
        longterm: sum('longterm', 'count'),
      },
      tokens: {
        session: totals?.tokens ?? 0,
        working: sum('working', 'token_count'),
        longterm: sum('longterm', 'token_count'),
      },
      session_status: totals === undefined ? 'unavailable' : 'healthy',
      by_type: types.map(({ memory_type, count, token_count }) => ({ memory_type, count, token_count })),
      average_importance: average('longterm'),
      average_relevance: average('working'),
      importance_histogram: histogram,
      growth,
      most_accessed,
    };
  }

  async #sessionTotals(scope: Scope, user_id: string, now_ms: number): Promise<SessionTotals | undefined> {
    try {
      return await this.#sessions.totals(scope, user_id, now_ms);
    } catch (error) {
      this.#logger.warn({ err: error }, 'statistics without sessions: the session store is away');
      return undefined;
    }
  }

  /** Each layer is read once, whatever is counted: a user may have very many memories. */
  async #memoryFigures(scope: Scope, user_id: string, days: number, now_ms: number): Promise<Figures> {
    const now = isoTime(now_ms);
    const shown = daysUntil(now_ms, days);
    const since = isoTime((shown[0] ?? 0) * DAY_MS);
    const relevance = decayedRelevanceSql(now, this.#settings(scope).relevance_half_life_days);
    return await this.#database.withScope(scope, async (tx) => {
      const [working, longterm, most_accessed] = await Promise.all([
        tx.run(
          fromTemplate(sql<GroupRow>`SELECT memory_type, ${dayOf(since)} AS day, NULL AS tenth, count(*) AS written,
              count(*) FILTER (WHERE expires_at > ${now}::timestamptz) AS count,
              coalesce(sum(token_count) FILTER (WHERE expires_at > ${now}::timestamptz), 0) AS token_count,
              coalesce(sum(${relevance}) FILTER (WHERE expires_at > ${now}::timestamptz), 0) AS score_sum
            FROM archon_working_memory
            WHERE org_id = ${scope.org_id} AND user_id = ${user_id} AND deleted_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2`),
        ),
        tx.run(
          fromTemplate(sql<GroupRow>`SELECT memory_type, ${dayOf(since)} AS day,
              least(9, floor(importance_score * 10)::int) AS tenth, count(*) AS written,
              count(*) FILTER (WHERE valid_to IS NULL) AS count,
              coalesce(sum(token_count) FILTER (WHERE valid_to IS NULL), 0) AS token_count,
              coalesce(sum(importance_score) FILTER (WHERE valid_to IS NULL), 0) AS score_sum
            FROM archon_longterm_memory
            WHERE org_id = ${scope.org_id} AND user_id = ${user_id} AND deleted_at IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`),
        ),
        tx.sql<UserStats['most_accessed'][number]>(
          `SELECT id, left(content ->> 'text', ${EXCERPT_LENGTH}) AS text, access_count FROM archon_longterm_memory
           WHERE org_id = $1 AND user_id = $2 AND deleted_at IS NULL AND valid_to IS NULL AND access_count > 0
           ORDER BY access_count DESC, last_accessed_at DESC, id LIMIT ${MOST_ACCESSED}`,
          [scope.org_id, user_id],
        ),
      ]);
      const writtenOn = (rows: readonly GroupRow[], day: number) =>
        sumOf(
          rows.filter((row) => row.day === day),
          'written',
        );
      return {
        types: [...byType('working', working), ...byType('longterm', longterm)],
        histogram: Array.from({ length: 10 }, (_, tenth) =>
          sumOf(
            longterm.filter((row) => row.tenth === tenth),
            'count',
          ),
        ),
        growth: shown.map((day) => ({
          day: isoTime(day * DAY_MS).slice(0, 10),
          working: writtenOn(working, day),
          longterm: writtenOn(longterm, day),
        })),
        most_accessed,
      };
    });
  }
}

/** The day of UTC a memory was written; null before the days that are shown. A number is cheaper than a text per row. */
const dayOf = (since: string) =>
  sql<number | null>`CASE WHEN created_at >= ${since}::timestamptz
    THEN floor(date_part('epoch', created_at) / 86400)::int END`;

/** Days since 1970, in UTC. */
function daysUntil(now_ms: number, days: number): number[] {
  const today = Math.floor(now_ms / DAY_MS);
  return Array.from({ length: days }, (_, index) => today - (days - 1 - index));
}

function byType(layer: TypeRow['layer'], rows: readonly GroupRow[]): TypeRow[] {
  return [...Map.groupBy(rows, ({ memory_type }) => memory_type)]
    .map(([memory_type, own]) => ({
      layer,
      memory_type,
      count: sumOf(own, 'count'),
      token_count: sumOf(own, 'token_count'),
      score_sum: sumOf(own, 'score_sum'),
    }))
    .filter(({ count }) => count > 0);
}

function sumOf(rows: readonly GroupRow[], member: 'written' | 'count' | 'token_count' | 'score_sum'): number {
  return rows.reduce((sum, row) => sum + row[member], 0);
}
