/** Which dead letters the list shows, as the server is asked for them and as an event is judged by. */
import { MAX_AGE_SECONDS } from '../../../../src-contract/dead-letters.ts';
import type { DeadLetterFilter, DeadLetterSummary } from '../../../../src-contract/index.ts';
import type { DeadLettersSearch } from './dead-letters-search.ts';

export type LetterState = DeadLetterSummary['life']['state'];
export type LetterInput = DeadLetterFilter & { states: LetterState[] };

/** What somebody still has to deal with. */
export const OPEN_STATES: readonly LetterState[] = ['dead', 'replaying'];

export function filterOf({ type, subscriber, error, older, younger }: DeadLettersSearch): DeadLetterFilter {
  return {
    ...(type ? { types: type } : {}),
    ...(subscriber === undefined ? {} : { subscriber }),
    ...(error === undefined ? {} : { error_text: error }),
    ...(older === undefined ? {} : { older_than_seconds: older }),
    ...(younger === undefined ? {} : { younger_than_seconds: younger }),
  };
}

export const letterInput = (search: DeadLettersSearch): LetterInput => ({
  ...filterOf(search),
  states: [...(search.state ?? OPEN_STATES)],
});

/**
 * The filter as it is said some time after somebody chose by it: it means what failed before that, and nothing that has
 * failed since.
 */
export function asOf(filter: DeadLetterFilter, chosen_ms_ago: number): DeadLetterFilter {
  const ago_ms = Math.max(0, chosen_ms_ago);
  const { older_than_seconds = 0, younger_than_seconds } = filter;
  return {
    ...filter,
    older_than_seconds: Math.min(MAX_AGE_SECONDS, older_than_seconds + Math.ceil(ago_ms / 1000)),
    ...(younger_than_seconds === undefined
      ? {}
      : { younger_than_seconds: Math.min(MAX_AGE_SECONDS, younger_than_seconds + Math.floor(ago_ms / 1000)) }),
  };
}

/** Whether the list shows it, by the rules of the server. */
export function belongs(letter: DeadLetterSummary, input: LetterInput, now_ms: number): boolean {
  const { types, subscriber, error_text, older_than_seconds, younger_than_seconds } = input;
  const age_ms = now_ms - Date.parse(letter.failed_at);
  const error = `${letter.error_name} ${letter.error_message}`.toLowerCase();
  return (
    input.states.includes(letter.life.state) &&
    (types === undefined || types.includes(letter.event_type)) &&
    (subscriber === undefined || letter.subscriber === subscriber) &&
    (error_text === undefined || error.includes(error_text.toLowerCase())) &&
    (older_than_seconds === undefined || age_ms >= older_than_seconds * 1000) &&
    (younger_than_seconds === undefined || age_ms <= younger_than_seconds * 1000)
  );
}

/** The server's order: the newest failure first. */
export const newestFirst = (a: DeadLetterSummary, b: DeadLetterSummary): number =>
  compare(b.failed_at, a.failed_at) || compare(b.id, a.id);

/** Times and ids are written so that their texts sort as they do. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
