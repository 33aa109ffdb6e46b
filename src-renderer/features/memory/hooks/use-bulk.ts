/** Changes of many memories at once, each with a word about it and a way back. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
// Not `crypto.randomUUID`: a browser has that over https only.
import { v4 as uuidv4 } from 'uuid';
import type { BulkAction } from '../../../../src-contract/index.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { number, plural } from '../../../ui/format.ts';
import { layerKey } from '../memory-list-query.ts';
import { dropFromLists } from './list-patches.ts';

/** Ids a call takes. */
const PER_CALL = 1000;
const UNDO_MS = 10_000;

const DONE: Record<BulkAction['kind'], string> = {
  tag: 'tagged',
  untag: 'untagged',
  pin: 'pinned',
  unpin: 'unpinned',
  delete: 'deleted',
  restore: 'restored',
};

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

export function useBulk() {
  const queryClient = useQueryClient();
  const { mutateAsync, isPending } = useMutation({
    mutationFn: ({ ids, action }: { ids: readonly string[]; action: BulkAction }) => runInPieces(ids, action),
    onSuccess: ({ changed }, { action }) => {
      // Lists that are shown follow the events of the change; what is deleted goes at once.
      if (action.kind === 'delete') dropFromLists(queryClient, changed);
      for (const layer of ['working', 'longterm'] as const) {
        void queryClient.invalidateQueries({ queryKey: layerKey(layer), refetchType: 'none' });
      }
    },
  });
  /** @returns whether all of it was done */
  const run = async (ids: readonly string[], action: BulkAction, isUndo = false): Promise<boolean> => {
    const { changed, missing, failure } = await mutateAsync({ ids, action });
    const undo =
      isUndo || changed.length === 0
        ? {}
        : { action: { label: 'Undo', onClick: () => void run(changed, inverse(action), true) } };
    if (failure !== undefined) {
      const { message } = problemOf(failure);
      if (changed.length === 0) toast.error(message);
      else {
        const part = `${number(changed.length)} of ${plural(ids.length, 'memory', 'memories')} ${DONE[action.kind]}.`;
        toast.error(`${part} ${message}`, { duration: UNDO_MS, ...undo });
      }
      return false;
    }
    const gone = missing.length > 0 ? ` ${plural(missing.length, 'was', 'were')} not there any more.` : '';
    toast.success(`${plural(changed.length, 'memory', 'memories')} ${DONE[action.kind]}.${gone}`, {
      duration: UNDO_MS,
      ...undo,
    });
    return true;
  };
  return { run, isBusy: isPending };
}

interface BulkResult {
  changed: string[];
  missing: string[];
  /** Why the rest was not done; undefined when all was. */
  failure: unknown;
}

/** Piece after piece, up to the first that fails. */
async function runInPieces(ids: readonly string[], action: BulkAction): Promise<BulkResult> {
  const result: BulkResult = { changed: [], missing: [], failure: undefined };
  for (let start = 0; start < ids.length; start += PER_CALL) {
    try {
      const piece = await runPiece(ids.slice(start, start + PER_CALL), action);
      result.changed.push(...piece.changed);
      result.missing.push(...piece.missing);
    } catch (failure) {
      return { ...result, failure };
    }
  }
  return result;
}

/** Asked again once when the answer was lost: under the same key, so that it is done once. */
async function runPiece(ids: string[], action: BulkAction): Promise<{ changed: string[]; missing: string[] }> {
  const input = { ids, action, idempotency_key: uuidv4() };
  try {
    return await client.memories.bulk(input);
  } catch (error) {
    if (!problemOf(error).transient) throw error;
    return await client.memories.bulk(input);
  }
}
