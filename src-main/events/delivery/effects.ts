/** Effects that happen once however often an event comes: done and noted in one transaction. */
import type { Scope } from '../../identity/scope.ts';
import type { Database, Transaction } from '../../storage/database.ts';

export async function doOnce(
  database: Database,
  scope: Scope,
  effect: { subscriber: string; event_id: string },
  work: (tx: Transaction) => Promise<void>,
): Promise<boolean> {
  return await database.withScope(scope, async (tx) => {
    // Of two at once, the second waits here for the first, and does nothing unless that one fails.
    const [noted] = await tx.sql(
      `INSERT INTO archon_event_effects (org_id, subscriber, event_id) VALUES ($1, $2, $3)
       ON CONFLICT DO NOTHING RETURNING event_id`,
      [scope.org_id, effect.subscriber, effect.event_id],
    );
    if (noted === undefined) return false;
    await work(tx);
    return true;
  });
}

/**
 * Forgets notes of a subscriber that are older than `before`, at most `limit`, and that nothing can ask for any more: the
 * event must not be a dead letter that could be replayed. @returns how many
 */
export async function forgetEffects(
  database: Database,
  scope: Scope,
  { subscriber, before, limit }: { subscriber: string; before: string; limit: number },
): Promise<number> {
  const rows = await database.withScope(scope, (tx) =>
    tx.sql(
      `DELETE FROM archon_event_effects AS e USING (
         SELECT event_id FROM archon_event_effects AS old
         WHERE org_id = $1 AND subscriber = $2 AND created_at < $3 AND NOT EXISTS (
           SELECT FROM archon_event_failures AS f WHERE f.org_id = $1 AND f.subscriber = $2 AND f.event_id = old.event_id
             AND f.state IN ('dead', 'replaying'))
         ORDER BY created_at LIMIT $4) AS old
       WHERE e.org_id = $1 AND e.subscriber = $2 AND e.event_id = old.event_id RETURNING 1`,
      [scope.org_id, subscriber, before, limit],
    ),
  );
  return rows.length;
}
