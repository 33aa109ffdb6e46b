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

/** One action on these memories. */
export interface BulkStep {
  ids: readonly string[];
  action: BulkAction;
}

export interface BulkResult {
  changed: string[];
  missing: string[];
  /** What takes back all that was done, and nothing that was so before. */
  undo: BulkStep[];
  /** Why it ended before its end. */
  error: unknown;
}

export interface BulkServer {
  /** One call; a failed one ends the run. */
  call(input: BulkCall): Promise<{ changed: string[]; missing: string[] }>;
  /** The call may have been done all the same: its answer was lost, or will come later. */
  isOpen(error: unknown): boolean;
}

/** Keys of calls that were not answered, by what they asked for: asked again, they must not act twice. */
export type OpenKeys = Map<string, string>;

/**
 * The answer to a call tells which memories changed, not by which tag: each tag is a step of its own, so that a tag that
 * was there before stays when the others are taken back.
 */
export function stepsOf({ ids, action }: BulkStep): BulkStep[] {
  if (action.kind !== 'tag' && action.kind !== 'untag') return [{ ids, action }];
  return action.tags.map((tag) => ({ ids, action: { kind: action.kind, tags: [tag] } }));
}

export async function runBulk(
  steps: readonly BulkStep[],
  openKeys: OpenKeys,
  { call, isOpen }: BulkServer,
): Promise<BulkResult> {
  const changed = new Set<string>();
  const missing = new Set<string>();
  const undo: BulkStep[] = [];
  const result = (error: unknown): BulkResult => ({ changed: [...changed], missing: [...missing], undo, error });
  const pieces = steps.flatMap(piecesOf);
  const wanted = new Set(pieces.map(askedBy));
  for (const piece of pieces) {
    const asked = askedBy(piece);
    const idempotency_key = openKeys.get(asked) ?? uuidv4();
    try {
      const answer = await call({ ids: [...piece.ids], action: piece.action, idempotency_key });
      openKeys.delete(asked);
      // Things are not as they were: what another run left open would be a new action if it were asked for now.
      for (const open of openKeys.keys()) if (!wanted.has(open)) openKeys.delete(open);
      for (const id of answer.changed) changed.add(id);
      for (const id of answer.missing) missing.add(id);
      if (answer.changed.length > 0) undo.unshift({ ids: answer.changed, action: inverse(piece.action) });
    } catch (error) {
      if (isOpen(error)) openKeys.set(asked, idempotency_key);
      else openKeys.delete(asked);
      return result(error);
    }
  }
  return result(null);
}

const askedBy = ({ ids, action }: BulkStep): string => JSON.stringify([action, ids]);

function piecesOf({ ids, action }: BulkStep): BulkStep[] {
  const pieces: BulkStep[] = [];
  for (let start = 0; start < ids.length; start += PER_CALL) {
    pieces.push({ ids: ids.slice(start, start + PER_CALL), action });
  }
  return pieces;
}

/** What takes an action back, for those it has changed. */
function inverse(action: BulkAction): BulkAction {
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
