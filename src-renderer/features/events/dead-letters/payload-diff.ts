/** What was changed in a payload, line by line of its JSON. */
import { diffLines } from 'diff';
import type { JsonObject } from '../../../../src-contract/index.ts';

export type DiffLine =
  | { kind: 'same' | 'added' | 'removed'; text: string }
  /** Lines that are the same, far from any change. */
  | { kind: 'skipped'; count: number };

/** Lines around a change that are shown. */
const AROUND = 3;
/** Comparing takes at most so long; payloads that have little in common are told whole. */
const LIMIT_MS = 200;

export const prettyJson = (value: unknown): string => JSON.stringify(value, null, 2);

/** Empty when both say the same, in whatever order of their members the first has them. */
export function payloadDiff(before: JsonObject, after: JsonObject): DiffLine[] {
  // The order of members means nothing, and people write them in any.
  const [old, now] = [prettyJson(sorted(before)), prettyJson(sorted(after))];
  if (old === now) return [];
  const changes = diffLines(`${old}\n`, `${now}\n`, { timeout: LIMIT_MS }) ?? [
    { removed: true, added: false, value: old },
    { added: true, removed: false, value: now },
  ];
  const lines = changes.flatMap(({ added, removed, value }): DiffLine[] =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .map((text) => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text })),
  );
  return folded(lines);
}

function folded(lines: readonly DiffLine[]): DiffLine[] {
  const isNear = lines.map(() => false);
  for (const [index, { kind }] of lines.entries()) {
    if (kind === 'same') continue;
    isNear.fill(true, Math.max(0, index - AROUND), index + AROUND + 1);
  }
  const result: DiffLine[] = [];
  for (const [index, line] of lines.entries()) {
    const last = result.at(-1);
    if (isNear[index]) result.push(line);
    else if (last?.kind === 'skipped') last.count += 1;
    else result.push({ kind: 'skipped', count: 1 });
  }
  return result;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
