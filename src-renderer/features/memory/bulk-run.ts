/** One change of more memories than a call takes: piece by piece, none of them twice, and what was done is known. */
// Not `crypto.randomUUID`: a browser has that over https only.
import { v4 as uuidv4 } from 'uuid';
import type { BulkAction } from '../../../src-contract/index.ts';

/** Ids a call takes. */
const PER_CALL = 1000;

export interface BulkCall {
  ids: string[];
  action: BulkAction;
  idempotency_key: string;
}

export interface BulkResult {
  changed: string[];
  missing: string[];
  /** Why it ended before its end. */
  error: unknown;
}

/** Keys of calls that were not answered, by what they asked for: asked again, they must not act twice. */
export type OpenKeys = Map<string, string>;

/** @param call one call; a failed one ends the run */
export async function runBulk(
  ids: readonly string[],
  action: BulkAction,
  openKeys: OpenKeys,
  call: (input: BulkCall) => Promise<{ changed: string[]; missing: string[] }>,
): Promise<BulkResult> {
  const result: BulkResult = { changed: [], missing: [], error: null };
  for (let start = 0; start < ids.length; start += PER_CALL) {
    const piece = ids.slice(start, start + PER_CALL);
    const asked = JSON.stringify([action, piece]);
    const idempotency_key = openKeys.get(asked) ?? uuidv4();
    openKeys.set(asked, idempotency_key);
    try {
      const { changed, missing } = await call({ ids: piece, action, idempotency_key });
      openKeys.delete(asked);
      result.changed.push(...changed);
      result.missing.push(...missing);
    } catch (error) {
      return { ...result, error };
    }
  }
  return result;
}

/** What takes an action back, for those it has changed. */
export function inverse(action: BulkAction): BulkAction {
  switch (action.kind) {
    case 'tag':
      return { kind: 'untag', tags: action.tags };
    case 'untag':
      return { kind: 'tag', tags: action.tags };
    case 'pin':
      return { kind: 'unpin' };
    case 'unpin':
      return { kind: 'pin' };
    case 'delete':
      return { kind: 'restore' };
    case 'restore':
      return { kind: 'delete' };
  }
}
