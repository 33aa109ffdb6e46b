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
import type { MemorySettings } from './memory-settings.ts';

const MOST_ACCESSED = 10;
const EXCERPT_LENGTH = 200;

interface TypeRow {
  layer: 'working' | 'longterm';
  memory_type: UserStats['by_type'][number]['memory_type'];
  count: number;
  token_count: number;
  score_sum: number;
}

export class MemoryStats {
  readonly #database: Database;
  readonly #sessions: SessionStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #settings: () => MemorySettings;

  constructor(deps: {
    database: Database;
    sessions: SessionStore;
    clock: Clock;
    logger: Logger;
    settings: () => MemorySettings;
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
      importance_histogram: Array.from({ length: 10 }, (_, tenth) => histogram.get(tenth) ?? 0),
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

  async #memoryFigures(scope: Scope, user_id: string, days: number, now_ms: number) {
    const now = isoTime(now_ms);
    const relevance = decayedRelevanceSql(now, this.#settings().relevance_half_life_days);
    const live = 'org_id = $1 AND user_id = $2 AND deleted_at IS NULL';
    const first_day = isoTime(now_ms - (days - 1) * 86_400_000).slice(0, 10);
    return await this.#database.withScope(scope, async (tx) => {
      const [working, longterm, histogram, growth, most_accessed] = await Promise.all([
        tx.run(
          fromTemplate(sql<TypeRow>`SELECT 'working' AS layer, memory_type, count(*) AS count, sum(token_count) AS token_count, sum(${relevance}) AS score_sum
            FROM archon_working_memory WHERE org_id = ${scope.org_id} AND user_id = ${user_id} AND deleted_at IS NULL
            AND expires_at > ${now}::timestamptz GROUP BY memory_type ORDER BY memory_type`),
        ),
        tx.sql<TypeRow>(
          `SELECT 'longterm' AS layer, memory_type, count(*) AS count, sum(token_count) AS token_count, sum(importance_score) AS score_sum
           FROM archon_longterm_memory WHERE ${live} AND valid_to IS NULL GROUP BY memory_type ORDER BY memory_type`,
          [scope.org_id, user_id],
        ),
        tx.sql<{ tenth: number; count: number }>(
          `SELECT least(9, floor(importance_score * 10)::int) AS tenth, count(*) AS count
           FROM archon_longterm_memory WHERE ${live} AND valid_to IS NULL GROUP BY 1`,
          [scope.org_id, user_id],
        ),
        tx.sql<{ day: string; working: number; longterm: number }>(
          `SELECT to_char(days.day, 'YYYY-MM-DD') AS day, coalesce(w.count, 0) AS working, coalesce(l.count, 0) AS longterm
           FROM generate_series($3::timestamp, $4::timestamp, interval '1 day') AS days (day)
           LEFT JOIN (SELECT (created_at AT TIME ZONE 'UTC')::date AS day, count(*) FROM archon_working_memory
                      WHERE ${live} AND created_at >= $5 GROUP BY 1) AS w ON w.day = days.day
           LEFT JOIN (SELECT (created_at AT TIME ZONE 'UTC')::date AS day, count(*) FROM archon_longterm_memory
                      WHERE ${live} AND created_at >= $5 GROUP BY 1) AS l ON l.day = days.day
           ORDER BY days.day`,
          [scope.org_id, user_id, first_day, now.slice(0, 10), `${first_day}T00:00:00.000Z`],
        ),
        tx.sql<UserStats['most_accessed'][number]>(
          `SELECT id, left(content ->> 'text', ${EXCERPT_LENGTH}) AS text, access_count FROM archon_longterm_memory
           WHERE ${live} AND valid_to IS NULL AND access_count > 0
           ORDER BY access_count DESC, last_accessed_at DESC, id LIMIT ${MOST_ACCESSED}`,
          [scope.org_id, user_id],
        ),
      ]);
      return {
        types: [...working, ...longterm],
        histogram: new Map(histogram.map(({ tenth, count }) => [tenth, count])),
        growth,
        most_accessed,
      };
    });
  }
}
