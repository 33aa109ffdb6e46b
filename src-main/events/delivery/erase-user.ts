/** What deliveries keep of a user beside the events, which hold ids and no content. */
import type { Scope } from '../../identity/scope.ts';
import type { Transaction } from '../../storage/database.ts';

/** In the place of what an error said. */
const ERASED = 'erased with its user';

/**
 * Erases edited payloads, the words of errors, and what receivers answered. The letters stay, with the event as it lies in
 * the log: a receiver that has not heard of an erasure yet must still hear of it.
 */
export async function eraseDeliveries(tx: Transaction, scope: Scope, user_id: string): Promise<void> {
  await tx.sql(
    `UPDATE archon_event_failures SET edited_payload = NULL, error_message = $3, error_stack = NULL,
       attempts = (
         SELECT coalesce(jsonb_agg(jsonb_set(attempt, '{error,message}', to_jsonb($3::text)) ORDER BY place), '[]')
         FROM jsonb_array_elements(attempts) WITH ORDINALITY AS kept (attempt, place))
     WHERE org_id = $1 AND user_id = $2`,
    [scope.org_id, user_id, ERASED],
  );
  await tx.sql(
    `UPDATE archon_event_replays AS r SET error_message = $3
     FROM archon_event_failures AS f
     WHERE r.org_id = $1 AND f.org_id = $1 AND f.id = r.dead_letter_id AND f.user_id = $2 AND r.outcome = 'failed'`,
    [scope.org_id, user_id, ERASED],
  );
  await tx.sql(
    `UPDATE archon_webhook_deliveries AS d SET outcome = jsonb_set(outcome, '{excerpt}', '""')
     FROM archon_events AS e
     WHERE d.org_id = $1 AND e.org_id = $1 AND e.id = d.event_id AND e.user_id = $2 AND d.outcome ? 'excerpt'`,
    [scope.org_id, user_id],
  );
}
