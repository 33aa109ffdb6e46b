/** Pages of the event log, in the order of ids, for readers of the live feed. */
import type { EventEnvelope, EventFeedInput, JsonObject } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database } from '../storage/database.ts';

/** Events looked through per query: with a filter most of them may be passed over. */
const PAGE = 500;

export type FeedFilter = Pick<EventFeedInput, 'user_id' | 'types'>;

export interface FeedPage {
  events: EventEnvelope[];
  /** Every event up to this one has been looked at. */
  to: number;
  more: boolean;
}

/** Events after one id, up to another, that fit the filter. */
export async function readPage(
  database: Pick<Database, 'withScope'>,
  scope: Scope,
  filter: FeedFilter,
  { after, to }: { after: number; to: number },
): Promise<FeedPage> {
  const values = [scope.org_id, after, to, filter.user_id ?? null, filter.types ?? null];
  const rows = await database.withScope(scope, (tx) => tx.sql<PageRow>(PAGE_QUERY, values));
  const events = rows.flatMap(toEnvelope);
  const more = rows[0]?.looked_at === PAGE;
  return { events, more, to: more ? (rows[0]?.looked_to ?? to) : to };
}

interface PageRow {
  looked_to: number | null;
  looked_at: number;
  id: number | null;
  org_id: string;
  type: string;
  user_id: string | null;
  actor: string;
  payload: JsonObject;
  created_at: string;
}

/** One row at least: how far the log was looked through, and beside it the events that passed. */
const PAGE_QUERY = `
  WITH page AS MATERIALIZED (
    SELECT * FROM archon_events WHERE org_id = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT ${PAGE}
  ), edge AS (
    SELECT max(id) AS looked_to, count(*)::int AS looked_at FROM page
  )
  SELECT edge.looked_to, edge.looked_at, page.id, page.org_id, page.type, page.user_id, page.actor, page.payload,
    page.created_at
  FROM edge LEFT JOIN page
    ON ($4::text IS NULL OR page.user_id = $4) AND ($5::text[] IS NULL OR page.type = ANY ($5))
  ORDER BY page.id`;

function toEnvelope({ looked_to: _to, looked_at: _at, id, ...event }: PageRow): EventEnvelope[] {
  return id === null ? [] : [{ ...event, id: String(id) }];
}
