/** One text for one JSON value, whatever the order of its keys: what checksums are made of. */

/** Deeper values are refused: nothing of ours nests so, and a hostile archive must not exhaust the stack. */
const MAX_DEPTH = 100;

export class TooDeepError extends Error {
  override readonly name = 'TooDeepError';
}

/**
 * JSON without spaces, object keys sorted by UTF-16 code units, strings and numbers as JSON.stringify writes them
 * (RFC 8785). Members that are undefined are left out.
 *
 * @throws TooDeepError beyond 100 levels
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new TooDeepError(`it nests deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null, depth + 1)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = value as Record<string, unknown>;
  const members = Object.keys(fields)
    .filter((key) => fields[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(fields[key], depth + 1)}`);
  return `{${members.join(',')}}`;
}
