/** Dead letters without anybody who failed: as many as a test wants, one second apart. */
import type { Scope } from '../../src-main/identity/scope.ts';
import type { Database } from '../../src-main/storage/database.ts';

export async function addDeadLetters(
  database: Database,
  scope: Scope,
  subscriber: string,
  count: number,
  { user_id = 'ana' }: { user_id?: string } = {},
): Promise<void> {
  await database.withScope(scope, (tx) =>
    tx.sql(
      `INSERT INTO archon_event_failures (org_id, id, subscriber, event_id, event_type, user_id, event_actor,
         event_created_at, payload, error_name, error_message, error_stack, attempts, attempt_count, first_failed_at,
         failed_at, state, state_at, state_by)
       SELECT $1, gen_random_uuid(), $2, number, 'memory.session.created', $4, 'test', at,
         jsonb_build_object('session_id', 's' || number), 'Error', 'no room for ' || number, 'Error: at shelf', '[]', 3, at,
         at, 'dead', at, $2
       FROM (SELECT number, now() - number * interval '1 second' AS at FROM generate_series(1, $3::int) AS number) AS given`,
      [scope.org_id, subscriber, count, user_id],
    ),
  );
}
