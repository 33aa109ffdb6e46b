/** What was measured before and after an action, side by side. Pure. */
import type { OpsFact } from '../../../../../src-contract/index.ts';

export interface ComparedFact {
  label: string;
  before: string | undefined;
  after: string | undefined;
}

/** In the order of before, then what only came after; a label that is there twice keeps its last value. */
export function compareFacts(before: readonly OpsFact[], after: readonly OpsFact[]): ComparedFact[] {
  const found = new Map<string, ComparedFact>();
  for (const { label, value } of before) found.set(label, { label, before: value, after: undefined });
  for (const { label, value } of after) found.set(label, { label, before: found.get(label)?.before, after: value });
  return [...found.values()];
}
