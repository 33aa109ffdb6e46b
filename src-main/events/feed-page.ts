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

/** So few ids are read for all readers alike, whatever they filter by: what is new is asked for by all at once. */
const SHARED_IDS = 100;

/** Readers who ask for the same at the same time get it from one query. */
export class FeedPages {
  readonly #database: Pick<Database, 'withScope'>;
  readonly #underWay = new Map<string, Promise<FeedPage>>();

  constructor(database: Pick<Database, 'withScope'>) {
    this.#database = database;
  }

  /** Events after one id, up to another, that fit the filter. */
  async read(scope: Scope, filter: FeedFilter, range: { after: number; to: number }): Promise<FeedPage> {
    if (range.to - range.after > SHARED_IDS) return await this.#once(scope, filter, range);
    const page = await this.#once(scope, {}, range);
    return { ...page, events: page.events.filter((event) => fits(event, filter)) };
  }

  async #once(scope: Scope, filter: FeedFilter, range: { after: number; to: number }): Promise<FeedPage> {
    const key = JSON.stringify([scope.org_id, range.after, range.to, filter.user_id, filter.types]);
    const underWay = this.#underWay.get(key);
    if (underWay) return await underWay;
    const reading = readPage(this.#database, scope, filter, range).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, reading);
    return await reading;
  }
}

const fits = ({ user_id, type }: EventEnvelope, filter: FeedFilter): boolean =>
  (filter.user_id === undefined || user_id === filter.user_id) &&
  (filter.types === undefined || filter.types.some((wanted) => wanted === type));

async function readPage(
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
