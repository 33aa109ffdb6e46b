/**
 * The news of dead letters in the event log.
 *
 * They go to subscribers that name them among their types, and not to those that take everything: one that fails at every
 * event would fail at the news of it as well. A letter about such news is not told of, so that no chain of them begins.
 */
import type { Compilable } from 'kysely';
import type { EventType } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';
import { compiled } from '../../storage/sql.ts';

const NEWS = 'event.delivery.';

export const isLetterNews = (type: string): boolean => type.startsWith(NEWS);

/** What a letter is called in the news of it. Not the words of its error: the log holds no content. */
const ABOUT = `'delivery_id', id, 'subscriber', subscriber, 'event_id', event_id::text, 'event_type', event_type`;

/** Of letters that are dead now. */
export function lettersDied(scope: Scope, ids: readonly string[]): Compilable<unknown> {
  return news(scope, ids, 'event.delivery.dead', `'attempts', attempt_count, 'error_name', error_name`);
}

/** Of letters that a subscriber has taken after all, or that were given up. */
export function lettersResolved(
  scope: Scope,
  ids: readonly string[],
  resolution: 'replayed' | 'discarded',
): Compilable<unknown> {
  return news(scope, ids, 'event.delivery.resolved', `'resolution', '${resolution}', 'reason', reason`);
}

function news(scope: Scope, ids: readonly string[], type: EventType, more: string): Compilable<unknown> {
  return compiled(
    `INSERT INTO archon_events (org_id, type, user_id, actor, payload)
     SELECT org_id, $3, user_id, state_by, jsonb_build_object(${ABOUT}, ${more})
     FROM archon_event_failures
     WHERE org_id = $1 AND id = ANY ($2::uuid[]) AND event_type NOT LIKE '${NEWS}%' ORDER BY failed_at, id`,
    [scope.org_id, ids, type],
  );
}
