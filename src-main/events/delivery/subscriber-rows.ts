/** The rows that say how far each subscriber of an organisation is. */
import type { Scope } from '../../identity/scope.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import type { DurableSubscriber } from './durable-subscriber.ts';

export interface SubscriberState {
  name: string;
  types: string[] | null;
  enabled: boolean;
  cursor: number;
  /** Events of the log it has still to take: none while it is switched off, for it goes on from where it is switched on. */
  behind: number;
  dead: number;
}

/** Counting further would read the log for a number nobody needs. */
const COUNTED_BEHIND = 100_000;

/** Where a subscriber begins that is not there yet. */
export interface Beginning {
  /** For one that begins now: what is committed after this was looked up comes later in the log. */
  settled: number;
  /** ISO time; an organisation made after it gets its events from the first one on. */
  watched_since: string;
}

/** Makes or updates the row of a subscriber. One that is there goes on where it was. */
export async function ensureSubscriber(
  tx: Transaction,
  scope: Scope,
  subscriber: Pick<DurableSubscriber, 'name' | 'types' | 'user_id' | 'from'>,
  { settled, watched_since }: Beginning,
): Promise<void> {
  await tx.sql(
    `INSERT INTO archon_event_subscribers AS s (org_id, name, types, user_id, cursor)
     SELECT $1, $2, $3::text[], $4, CASE WHEN $5 OR EXISTS (
         SELECT FROM archon_orgs WHERE org_id = $1 AND created_at >= $7::timestamptz) THEN 0 ELSE $6::bigint END
     ON CONFLICT (org_id, name) DO UPDATE SET types = excluded.types, user_id = excluded.user_id
       WHERE (s.types, s.user_id) IS DISTINCT FROM (excluded.types, excluded.user_id)`,
    [
      scope.org_id,
      subscriber.name,
      subscriber.types ?? null,
      subscriber.user_id ?? null,
      subscriber.from === 'start',
      settled,
      watched_since,
    ],
  );
}

/** Switches a subscriber on or off; switched on, it goes on from here. */
export async function switchSubscriber(
  tx: Transaction,
  scope: Scope,
  name: string,
  enabled: boolean,
  settled: number,
): Promise<void> {
  await tx.sql(
    `UPDATE archon_event_subscribers
     SET enabled = $3, cursor = CASE WHEN $3 AND NOT enabled THEN greatest(cursor, $4::bigint) ELSE cursor END
     WHERE org_id = $1 AND name = $2`,
    [scope.org_id, name, enabled, settled],
  );
}

/** Removes a subscriber. Letters that were on their way to it are dead again: its queue goes too. */
export async function removeSubscriber(tx: Transaction, scope: Scope, name: string, now: string): Promise<void> {
  await tx.sql(
    `WITH stopped AS (
       UPDATE archon_event_failures AS f SET state = 'dead', state_at = $3, state_by = $4, replay_id = NULL
       FROM archon_event_failures AS before
       WHERE f.org_id = $1 AND f.subscriber = $2 AND f.state = 'replaying' AND before.org_id = $1 AND before.id = f.id
       RETURNING before.replay_id)
     UPDATE archon_event_replays SET outcome = 'cancelled', ended_at = $3
     WHERE org_id = $1 AND id IN (SELECT replay_id FROM stopped)`,
    [scope.org_id, name, now, scope.actor],
  );
  await tx.sql('DELETE FROM archon_event_subscribers WHERE org_id = $1 AND name = $2', [scope.org_id, name]);
}

/** The first event that some subscriber has not been given yet; null when there is no subscriber. */
export async function eventsNeededFrom(tx: Transaction, scope: Scope): Promise<number | null> {
  const [row] = await tx.sql<{ id: number | null }>(
    'SELECT min(cursor) + 1 AS id FROM archon_event_subscribers WHERE org_id = $1 AND enabled',
    [scope.org_id],
  );
  return row?.id ?? null;
}

export async function listSubscribers(database: Database, scope: Scope): Promise<SubscriberState[]> {
  return await database.withScope(scope, (tx) =>
    tx.sql<SubscriberState>(
      `SELECT name, types, enabled, cursor, (
         SELECT count(*) FROM (
           SELECT FROM archon_events AS e
           WHERE s.enabled AND e.org_id = $1 AND e.id > s.cursor LIMIT ${COUNTED_BEHIND}) AS ahead
       ) AS behind, (
         SELECT count(*) FROM archon_event_failures AS f WHERE f.org_id = $1 AND f.state = 'dead' AND f.subscriber = s.name
       ) AS dead
       FROM archon_event_subscribers AS s WHERE org_id = $1 ORDER BY name`,
      [scope.org_id],
    ),
  );
}

/** Subscribers that are switched on, and when the oldest event was written that one of them has not taken from the log. */
export async function oldestBehind(
  database: Pick<Database, 'withScope'>,
  scope: Scope,
): Promise<{ names: string[]; behind_since: string | null }> {
  const rows = await database.withScope(scope, (tx) =>
    tx.sql<{ name: string; behind_since: string | null }>(
      `SELECT name, (
         SELECT created_at FROM archon_events AS e WHERE e.org_id = $1 AND e.id > s.cursor ORDER BY e.id LIMIT 1
       ) AS behind_since
       FROM archon_event_subscribers AS s WHERE org_id = $1 AND enabled`,
      [scope.org_id],
    ),
  );
  const times = rows.flatMap(({ behind_since }) => behind_since ?? []).sort();
  return { names: rows.map(({ name }) => name), behind_since: times[0] ?? null };
}
