/** The event log to look through: page by page, one event, how many there were. */
import { z } from 'zod';
import {
  type EventEnvelope,
  eventId,
  type JsonObject,
  type Outputs,
  type ParsedInputs,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { notFound } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../memory/cursor.ts';
import type { Database } from '../storage/database.ts';
import type { SessionOutbox } from '../storage/sessions/session-outbox.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';

const EVENTS = 'events';
const eventPosition = z.object({ before: eventId });
/** Events looked through for one page: whoever filters for what is rare gets a short page and goes on from there. */
const LOOK = 20_000;
/** The same with a search, which reads every payload. */
const LOOK_SEARCHING = 5_000;
/** Characters of a payload that are searched. */
const SEARCHED = 10_000;
const MINUTE_MS = 60_000;

const COLUMNS = 'id, org_id, type, user_id, actor, payload, created_at';

export interface EventHistoryDeps {
  database: Database;
  outbox: Pick<SessionOutbox, 'waiting'>;
  clock: Clock;
}

export class EventHistory {
  readonly #database: Database;
  readonly #outbox: Pick<SessionOutbox, 'waiting'>;
  readonly #clock: Clock;

  constructor({ database, outbox, clock }: EventHistoryDeps) {
    this.#database = database;
    this.#outbox = outbox;
    this.#clock = clock;
  }

  /** Newest first. @throws ArchonError CURSOR_INVALID */
  async list(scope: Scope, input: ParsedInputs['events']['list']): Promise<Outputs['events']['list']> {
    const before = input.cursor === undefined ? null : decodeCursor(EVENTS, input.cursor, eventPosition).before;
    const { limit, text } = input;
    const look = text === undefined ? LOOK : LOOK_SEARCHING;
    const values = [
      scope.org_id,
      before,
      input.created_after ?? null,
      input.created_before ?? null,
      input.types ?? null,
      input.user_id ?? null,
      text === undefined ? null : containing(text),
    ];
    const rows = await this.#database.withScope(scope, (tx) => tx.sql<ListRow>(listQuery(look, limit), values));
    const found = rows.flatMap(toListed);
    const items = found.slice(0, limit);
    const end = found.length > limit ? items.at(-1)?.id : rows[0]?.looked_to;
    return { items, next_cursor: end == null ? null : encodeCursor(EVENTS, { before: String(end) }) };
  }

  /** @throws ArchonError NOT_FOUND */
  async get(scope: Scope, event_id: string): Promise<EventEnvelope> {
    const [row] = await this.#database.withScope(scope, (tx) =>
      tx.sql<EventLine>(`SELECT ${COLUMNS} FROM archon_events WHERE org_id = $1 AND id = $2`, [scope.org_id, event_id]),
    );
    if (row === undefined) throw notFound('event', event_id);
    return toEnvelope(row);
  }

  async stats(scope: Scope, { minutes }: ParsedInputs['events']['stats']): Promise<Outputs['events']['stats']> {
    const last_ms = Math.floor(this.#clock.now() / MINUTE_MS) * MINUTE_MS;
    const first_ms = last_ms - (minutes - 1) * MINUTE_MS;
    const [counted, last_id, session_outbox] = await Promise.all([
      this.#count(scope, first_ms, last_ms + MINUTE_MS),
      this.#lastId(scope),
      this.#waiting(),
    ]);
    const by_type = new Map<string, number>();
    const by_minute = new Map<number, number>();
    for (const { type, minute, count } of counted) {
      by_type.set(type, (by_type.get(type) ?? 0) + count);
      by_minute.set(minute, (by_minute.get(minute) ?? 0) + count);
    }
    return {
      from: isoTime(first_ms),
      total: counted.reduce((sum, { count }) => sum + count, 0),
      minutes: Array.from({ length: minutes }, (_, minute) => ({
        minute: isoTime(first_ms + minute * MINUTE_MS),
        count: by_minute.get(minute) ?? 0,
      })),
      types: [...by_type].map(([type, count]) => ({ type, count })).sort((a, b) => b.count - a.count),
      last_id,
      session_outbox,
    };
  }

  /** How many events of each type there were in each minute; minutes count from 0 at the first time. */
  async #count(scope: Scope, from_ms: number, to_ms: number) {
    return await this.#database.withScope(scope, (tx) =>
      tx.sql<{ type: string; minute: number; count: number }>(
        `SELECT type, floor(extract(epoch FROM created_at - $2::timestamptz) / 60)::int AS minute, count(*) AS count
         FROM archon_events WHERE org_id = $1 AND created_at >= $2 AND created_at < $3 GROUP BY 1, 2`,
        [scope.org_id, isoTime(from_ms), isoTime(to_ms)],
      ),
    );
  }

  async #lastId(scope: Scope): Promise<string | null> {
    const [row] = await this.#database.withScope(scope, (tx) =>
      tx.sql<{ id: number | null }>('SELECT max(id) AS id FROM archon_events WHERE org_id = $1', [scope.org_id]),
    );
    return row?.id == null ? null : String(row.id);
  }

  async #waiting(): Promise<Outputs['events']['stats']['session_outbox']> {
    try {
      const { events, oldest_ms } = await this.#outbox.waiting();
      return { waiting: events, oldest_at: oldest_ms === undefined ? null : isoTime(oldest_ms) };
    } catch (error) {
      if (error instanceof SessionStoreUnavailableError) return null;
      throw error;
    }
  }
}

type EventLine = Omit<EventEnvelope, 'id' | 'payload'> & { id: number; payload: JsonObject };

const toEnvelope = ({ id, ...event }: EventLine): EventEnvelope => ({ ...event, id: String(id) });

type ListRow = { looked_to: number | null } & (EventLine | { id: null });

const toListed = ({ looked_to: _to, ...line }: ListRow): EventEnvelope[] =>
  line.id === null ? [] : [toEnvelope(line)];

const LOOKED_AT = 'FROM archon_events WHERE org_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC';

/**
 * One row at least: where to go on when fewer were found than asked for (null when nothing is left to look at), and
 * beside it what was found. One statement, so that both are of one moment. Every filter is applied to what was looked
 * at: within it, what is rare would be looked for through the whole log.
 */
const listQuery = (look: number, limit: number): string => `
  WITH found AS MATERIALIZED (
    SELECT * FROM (SELECT ${COLUMNS} ${LOOKED_AT} LIMIT ${look}) AS looked_at
    WHERE ($3::timestamptz IS NULL OR created_at >= $3) AND ($4::timestamptz IS NULL OR created_at < $4)
      AND ($5::text[] IS NULL OR type = ANY ($5)) AND ($6::text IS NULL OR user_id = $6)
      AND ($7::text IS NULL OR left(payload::text, ${SEARCHED}) ILIKE $7)
    ORDER BY id DESC LIMIT ${limit + 1}
  ), edge AS (
    SELECT CASE WHEN (SELECT count(*) FROM found) <= ${limit}
      THEN (SELECT id ${LOOKED_AT} OFFSET ${look - 1} LIMIT 1) END AS looked_to
  )
  SELECT edge.looked_to, found.* FROM edge LEFT JOIN found ON true ORDER BY found.id DESC`;

/** A pattern for what holds this text. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;
