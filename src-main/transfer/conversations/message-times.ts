/** Times of messages as exports write them, and times for the messages that have none. */

/** Numbers above this are milliseconds, below it seconds: as seconds it lies in the year 5138. */
const SECONDS_LIMIT = 100_000_000_000;
/** Nobody talked to an agent before 2000: such a number or date is no time of a message. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
/** Order is kept by steps of this many milliseconds where no time is known. */
const STEP_MS = 1;
const HAS_OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/i;
const ISO_DATE_TIME = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Milliseconds since the epoch of a time in an export: ISO 8601 (UTC when it has no offset) or a Unix time in seconds or
 * milliseconds. Null for what is no time, or none that a message can have.
 */
export function parseTime(value: unknown): number | null {
  let ms = Number.NaN;
  if (typeof value === 'number') ms = value < SECONDS_LIMIT ? value * 1000 : value;
  else if (typeof value === 'string' && ISO_DATE_TIME.test(value.trim())) {
    const text = value.trim().replace(' ', 'T');
    ms = Date.parse(text.length > 10 && !HAS_OFFSET.test(text) ? `${text}Z` : text);
  }
  return Number.isFinite(ms) && ms >= EARLIEST_MS ? Math.round(ms) : null;
}

/**
 * A time for every message of a conversation, none later than now.
 *
 * A missing one lies between its neighbours, evenly; before the first known and after the last in steps of 1 ms; with
 * none known, in steps of 1 ms from the conversation's own time.
 */
export function fillTimes(times: readonly (number | null)[], conversation_ms: number, now_ms: number): number[] {
  const filled: number[] = [];
  let index = 0;
  while (index < times.length) {
    const known = times[index];
    if (typeof known === 'number') {
      filled.push(Math.min(known, now_ms));
      index += 1;
      continue;
    }
    let next = index;
    while (next < times.length && typeof times[next] !== 'number') next += 1;
    const after = times[next];
    fillGap(filled, next - index, typeof after === 'number' ? after : undefined, conversation_ms, now_ms);
    index = next;
  }
  return filled;
}

function fillGap(
  filled: number[],
  count: number,
  after: number | undefined,
  conversation_ms: number,
  now_ms: number,
): void {
  const before = filled.at(-1);
  for (let place = 1; place <= count; place += 1) {
    let ms: number;
    if (before !== undefined && after !== undefined && after >= before) {
      ms = before + Math.floor(((after - before) * place) / (count + 1));
    } else if (before !== undefined) ms = before + place * STEP_MS;
    else if (after !== undefined) ms = after - (count + 1 - place) * STEP_MS;
    else ms = conversation_ms + (place - 1) * STEP_MS;
    filled.push(Math.min(ms, now_ms));
  }
}
