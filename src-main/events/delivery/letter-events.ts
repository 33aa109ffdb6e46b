/**
 * The news of dead letters in the event log.
 *
 * They go to subscribers that name them among their types, and not to those that take everything: one that fails at every
 * event would fail at the news of it as well. A letter about such news is not told of, so that no chain of them begins.
 */
import type { EventType } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';
import type { EventWrite } from '../../storage/database.ts';
import { compiled } from '../../storage/sql.ts';

const NEWS = 'event.delivery.';

export const isLetterNews = (type: string): boolean => type.startsWith(NEWS);

/** A letter, and what its event is about. */
export interface LetterOf {
  id: string;
  event_type: string;
}

/** What a letter is called in the news of it. Not the words of its error: the log holds no content. */
const ABOUT = `'delivery_id', id, 'subscriber', subscriber, 'event_id', event_id::text, 'event_type', event_type`;

/** Of letters that are dead now. */
export function lettersDied(scope: Scope, letters: readonly LetterOf[]): EventWrite {
  return news(scope, letters, 'event.delivery.dead', `'attempts', attempt_count, 'error_name', error_name`);
}

/** Of letters that a subscriber has taken after all, or that were given up. */
export function lettersResolved(
  scope: Scope,
  letters: readonly LetterOf[],
  resolution: 'replayed' | 'discarded',
): EventWrite {
  return news(scope, letters, 'event.delivery.resolved', `'resolution', '${resolution}', 'reason', reason`);
}

function news(scope: Scope, letters: readonly LetterOf[], type: EventType, more: string): EventWrite {
  const ids = letters.filter(({ event_type }) => !isLetterNews(event_type)).map(({ id }) => id);
  const insertion = compiled(
    `INSERT INTO archon_events (org_id, type, user_id, actor, payload)
     SELECT org_id, $3, user_id, state_by, jsonb_build_object(${ABOUT}, ${more})
     FROM archon_event_failures
     WHERE org_id = $1 AND id = ANY ($2::uuid[]) ORDER BY failed_at, id`,
    [scope.org_id, ids, type],
  );
  return { ...insertion, event_types: ids.map(() => type) };
}
