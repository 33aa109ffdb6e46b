/** Changes of many memories at once, each with a word about it and a way back. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import type { BulkAction } from '../../../../src-contract/index.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { plural } from '../../../ui/format.ts';
import { dropFromLists, layerKey } from './use-memory-list.ts';

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
      if (action.kind === 'delete') dropFromLists(queryClient, new Set(changed));
      for (const layer of ['working', 'longterm'] as const) {
        void queryClient.invalidateQueries({ queryKey: layerKey(layer), refetchType: 'none' });
      }
    },
  });
  const run = async (ids: readonly string[], action: BulkAction, isUndo = false): Promise<boolean> => {
    try {
      const { changed, missing } = await mutateAsync({ ids, action });
      const gone = missing.length > 0 ? ` ${plural(missing.length, 'was', 'were')} not there any more.` : '';
      toast.success(`${plural(changed.length, 'memory', 'memories')} ${DONE[action.kind]}.${gone}`, {
        duration: UNDO_MS,
        ...(isUndo || changed.length === 0
          ? {}
          : { action: { label: 'Undo', onClick: () => void run(changed, inverse(action), true) } }),
      });
      return true;
    } catch (error) {
      toast.error(problemOf(error).message);
      return false;
    }
  };
  return { run, isBusy: isPending };
}

async function runInPieces(
  ids: readonly string[],
  action: BulkAction,
): Promise<{ changed: string[]; missing: string[] }> {
  const result = { changed: [] as string[], missing: [] as string[] };
  for (let start = 0; start < ids.length; start += PER_CALL) {
    const piece = await client.memories.bulk({ ids: ids.slice(start, start + PER_CALL), action });
    result.changed.push(...piece.changed);
    result.missing.push(...piece.missing);
  }
  return result;
}
