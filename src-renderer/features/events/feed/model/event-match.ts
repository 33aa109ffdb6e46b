/** Whether a live event belongs into the feed: by the same rules as the server's list (`event-history.ts`). */
import type { EventEnvelope, EventType } from '../../../../../src-contract/index.ts';

export interface FeedFilter {
  types?: EventType[];
  user_id?: string;
  text?: string;
  created_after?: string;
  created_before?: string;
}

/** Characters of a payload that the server searches. */
const SEARCHED = 10_000;
const utf8 = new TextEncoder();

/** @returns a function to be asked of many events */
export function matcher(filter: FeedFilter): (event: EventEnvelope) => boolean {
  const types = filter.types && new Set<string>(filter.types);
  const wanted = filter.text && lowerCase(filter.text);
  const after_ms = filter.created_after === undefined ? -Infinity : Date.parse(filter.created_after);
  const before_ms = filter.created_before === undefined ? Infinity : Date.parse(filter.created_before);
  return ({ type, user_id, payload, created_at }) => {
    if (types && !types.has(type)) return false;
    if (filter.user_id !== undefined && user_id !== filter.user_id) return false;
    const at_ms = Date.parse(created_at);
    if (at_ms < after_ms || at_ms >= before_ms) return false;
    return !wanted || lowerCase(beginning(jsonbText(payload))).includes(wanted);
  };
}

/** The beginning in characters as PostgreSQL counts them: one for each code point. */
const beginning = (text: string): string =>
  text.length <= SEARCHED
    ? text
    : Array.from(text.slice(0, SEARCHED * 2))
        .slice(0, SEARCHED)
        .join('');

/** Letter by letter, as PostgreSQL does it: no letter becomes two, and none looks at its neighbours. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length && !lower.includes('ς')) return lower;
  return Array.from(text, (letter) => {
    const small = letter.toLowerCase();
    return small.length === letter.length ? small : letter;
  }).join('');
}

/**
 * JSON as PostgreSQL writes a `jsonb`: a space after each colon and comma, shorter keys first.
 * https://www.postgresql.org/docs/current/datatype-json.html
 */
export function jsonbText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonbText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).sort(([one], [other]) => keyOrder(one, other));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${jsonbText(member)}`).join(', ')}}`;
}

function keyOrder(one: string, other: string): number {
  const [a, b] = [utf8.encode(one), utf8.encode(other)];
  if (a.length !== b.length) return a.length - b.length;
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
