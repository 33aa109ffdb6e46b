/** Dead letters and their replays as rows of the database, and as the contract shows them. */
import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterSummary,
  DeliveryAttempt,
  EventReplay,
  JsonObject,
} from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import { assertNever } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';

export const SUMMARY_COLUMNS = `org_id, id, subscriber, event_id, event_type, user_id, error_name, error_message, attempt_count,
  edited_payload IS NOT NULL AS edited, first_failed_at, failed_at, state, state_at, state_by, replay_id, reason, retry_at`;

export const WHOLE_COLUMNS = `${SUMMARY_COLUMNS}, event_actor, event_created_at, payload, edited_payload, error_stack, attempts`;

export const REPLAY_COLUMNS =
  'id, dead_letter_id, run_id, actor, requested_at, due_at, edited, outcome, ended_at, error_name, error_message';

export interface SummaryRow {
  org_id: string;
  id: string;
  subscriber: string;
  event_id: number;
  event_type: string;
  user_id: string | null;
  error_name: string;
  error_message: string;
  attempt_count: number;
  edited: boolean;
  first_failed_at: string;
  failed_at: string;
  state: DeadLetterSummary['life']['state'];
  state_at: string;
  state_by: string;
  replay_id: string | null;
  reason: string | null;
  retry_at: string | null;
}

export interface WholeRow extends SummaryRow {
  event_actor: string;
  event_created_at: string;
  payload: JsonObject;
  edited_payload: JsonObject | null;
  error_stack: string | null;
  attempts: DeliveryAttempt[];
}

export interface ReplayRow {
  id: string;
  dead_letter_id: string;
  run_id: string | null;
  actor: string;
  requested_at: string;
  due_at: string;
  edited: boolean;
  outcome: EventReplay['outcome']['state'];
  ended_at: string | null;
  error_name: string | null;
  error_message: string | null;
}

export function toSummary(row: SummaryRow): DeadLetterSummary {
  const {
    state: _state,
    state_at: _at,
    state_by: _by,
    replay_id: _replay,
    reason: _reason,
    retry_at: _due,
    ...rest
  } = row;
  return { ...rest, event_id: String(row.event_id), life: lifeOf(row) };
}

export function toLetter(row: WholeRow, replays: readonly ReplayRow[]): DeadLetter {
  const { event_actor, event_created_at, payload, edited_payload, error_stack, attempts, ...summary } = row;
  return {
    ...toSummary(summary),
    event: {
      id: String(row.event_id),
      org_id: row.org_id,
      type: row.event_type,
      user_id: row.user_id,
      actor: event_actor,
      payload,
      created_at: event_created_at,
    },
    edited_payload,
    error: { name: row.error_name, message: row.error_message, stack: error_stack },
    attempts,
    replays: replays.map(toReplay),
  };
}

function lifeOf(row: SummaryRow): DeadLetterSummary['life'] {
  switch (row.state) {
    case 'dead':
      return { state: 'dead', retry_at: row.retry_at };
    case 'replaying':
      return { state: 'replaying', since: row.state_at, by: row.state_by, replay_id: row.replay_id ?? '' };
    case 'resolved':
      return { state: 'resolved', at: row.state_at, by: row.state_by };
    case 'discarded':
      return { state: 'discarded', at: row.state_at, by: row.state_by, reason: row.reason ?? '' };
    default:
      return assertNever(row.state);
  }
}

export function toReplay(row: ReplayRow): EventReplay {
  const {
    due_at: _due,
    outcome: _outcome,
    ended_at: _ended,
    error_name: _name,
    error_message: _message,
    ...rest
  } = row;
  return { ...rest, outcome: outcomeOf(row) };
}

function outcomeOf(row: ReplayRow): EventReplay['outcome'] {
  const at = row.ended_at ?? row.requested_at;
  switch (row.outcome) {
    case 'waiting':
      return { state: 'waiting', due_at: row.due_at };
    case 'resolved':
    case 'cancelled':
      return { state: row.outcome, at };
    case 'failed':
      return { state: 'failed', at, error: { name: row.error_name ?? '', message: row.error_message ?? '' } };
    default:
      return assertNever(row.outcome);
  }
}

/** Conditions of a filter; `$1` is the organisation, further values are added. */
export function conditionsOf(
  scope: Scope,
  filter: DeadLetterFilter & { states?: readonly string[] | undefined },
  now_ms: number,
): { where: string; values: unknown[] } {
  const values: unknown[] = [scope.org_id];
  const place = (value: unknown) => `$${values.push(value)}`;
  const parts = ['org_id = $1'];
  if (filter.states) parts.push(`state = ANY (${place(filter.states)})`);
  if (filter.types) parts.push(`event_type = ANY (${place(filter.types)})`);
  if (filter.subscriber !== undefined) parts.push(`subscriber = ${place(filter.subscriber)}`);
  if (filter.error_text !== undefined) {
    parts.push(`strpos(lower(error_name || ' ' || error_message), lower(${place(filter.error_text)})) > 0`);
  }
  const ago = (seconds: number) => place(isoTime(now_ms - seconds * 1000));
  if (filter.older_than_seconds !== undefined) parts.push(`failed_at <= ${ago(filter.older_than_seconds)}`);
  if (filter.younger_than_seconds !== undefined) parts.push(`failed_at >= ${ago(filter.younger_than_seconds)}`);
  return { where: parts.join(' AND '), values };
}
