/** A row for each table of durable delivery, in an order that suits their foreign keys: `$1` organisation, `$2` a UUID. */
export const DELIVERY_CANARIES = [
  `INSERT INTO archon_event_subscribers (org_id, name, cursor) VALUES ($1, $2::uuid::text, 0)`,
  `INSERT INTO archon_event_effects (org_id, subscriber, event_id) VALUES ($1, $2::uuid::text, 1)`,
  `INSERT INTO archon_event_failures (org_id, id, subscriber, event_id, event_type, event_actor, event_created_at, payload,
     error_name, error_message, attempts, attempt_count, first_failed_at, failed_at, state, state_at, state_by)
   VALUES ($1, $2, 'canary', 1, 't', 'x', now(), '{}', 'e', 'm', '[]', 1, now(), now(), 'dead', now(), 'x')`,
  `INSERT INTO archon_event_replays (org_id, id, dead_letter_id, actor, requested_at, due_at, edited)
   SELECT $1, $2, id, 'x', now(), now(), false FROM archon_event_failures WHERE org_id = $1`,
  `INSERT INTO archon_event_replay_runs VALUES ($1, $2, 'x', now(), 1, 0)`,
  `INSERT INTO archon_webhooks VALUES ($1, $2, 'n', 'https://example.com/', NULL, NULL, true, 'b', 'h', now(), now())`,
  `INSERT INTO archon_webhook_deliveries (org_id, webhook_id, id, event_type, attempt, at, duration_ms, outcome)
   SELECT $1, id, $2, 't', 1, now(), 1, '{}' FROM archon_webhooks WHERE org_id = $1`,
];
