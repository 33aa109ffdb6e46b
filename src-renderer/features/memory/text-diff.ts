/** What changed between two texts, word by word. */
import { diffWordsWithSpace } from 'diff';

export interface DiffPart {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Longer texts are compared by their beginnings: comparing takes time with their product. */
const MAX_LENGTH = 8000;
/** Comparing takes at most so long. */
const LIMIT_MS = 80;

export function textDiff(before: string, after: string): { parts: DiffPart[]; isCut: boolean } {
  const isCut = Math.max(before.length, after.length) > MAX_LENGTH;
  const [old, now] = [before.slice(0, MAX_LENGTH), after.slice(0, MAX_LENGTH)];
  const changes = diffWordsWithSpace(old, now, { timeout: LIMIT_MS });
  // Texts that have little in common are told whole.
  const parts = changes?.map(
    ({ added, removed, value }): DiffPart => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text: value }),
  ) ?? [
    { kind: 'removed' as const, text: old },
    { kind: 'added' as const, text: now },
  ];
  return { parts, isCut };
}
