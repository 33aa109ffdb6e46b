/** Changes of many memories at once, each with a word about it and a way back. */

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { type BulkAction, isQueued } from '../../../../src-contract/index.ts';
import { tellIfReadOnly, useReadOnly } from '../../../app/read-only.ts';
import { backoff_ms } from '../../../rpc/backoff.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { tellIfQueued } from '../../../rpc/queued.ts';
import { number, plural } from '../../../ui/format.ts';
import { type BulkCall, type BulkServer, type BulkStep, type OpenKeys, runBulk, stepsOf } from '../bulk-run.ts';
import { layerKey } from '../memory-list-query.ts';
import { tellShownLists } from './use-memory-list.ts';

const UNDO_MS = 10_000;

const DONE: Record<BulkAction['kind'], string> = {
  tag: 'tagged',
  untag: 'untagged',
  pin: 'pinned',
  unpin: 'unpinned',
  delete: 'deleted',
  restore: 'restored',
};

const server: BulkServer = { call: callTwice, isOpen: (error) => problemOf(error).transient };

/** Of the whole page: an action is asked for again from wherever it can be. */
const openKeys: OpenKeys = new Map();

export function useBulk() {
  const queryClient = useQueryClient();
  const blocked = useReadOnly();
  const [isBusy, setBusy] = useState(false);
  /** @param done what is said of those that are changed */
  const runSteps = async (steps: readonly BulkStep[], done: string, isUndo = false): Promise<boolean> => {
    if (tellIfReadOnly()) return false;
    setBusy(true);
    const { changed, missing, undo: stepsBack, error } = await runBulk(steps, openKeys, server);
    setBusy(false);
    // Those that are missing went by the clock: no event told of it.
    tellShownLists([...changed, ...missing]);
    for (const layer of ['working', 'longterm'] as const) {
      void queryClient.invalidateQueries({ queryKey: layerKey(layer), refetchType: 'none' });
    }
    const [firstBack] = stepsBack;
    const undo =
      isUndo || firstBack === undefined
        ? {}
        : {
            action: {
              label: 'Undo',
              onClick: () => void runSteps(stepsBack, DONE[firstBack.action.kind], true),
            },
          };
    const options = { duration: UNDO_MS, ...undo };
    if (error !== null) {
      const { message } = problemOf(error);
      const asked = new Set(steps.flatMap(({ ids }) => ids)).size;
      if (changed.length === 0) toast.error(message);
      else toast.error(`${number(changed.length)} of ${number(asked)} ${done}; ${message}`, options);
      return false;
    }
    const gone = missing.length > 0 ? ` ${plural(missing.length, 'was', 'were')} not there any more.` : '';
    toast.success(`${plural(changed.length, 'memory', 'memories')} ${done}.${gone}`, options);
    return true;
  };
  /** @returns whether all of it is done */
  const run = (ids: readonly string[], action: BulkAction): Promise<boolean> =>
    runSteps(stepsOf({ ids, action }), DONE[action.kind]);
  return { run, isBusy, blocked };
}

/** What is queued is as good as done: it is kept, and made in its order. */
async function send(input: BulkCall): Promise<{ changed: string[]; missing: string[] }> {
  const answer = await client.memories.bulk(input);
  tellIfQueued(answer);
  return isQueued(answer) ? { changed: answer.ids, missing: [] } : answer;
}

/** An answer that was lost on its way is asked for once more: by the same key, it is the first one. */
async function callTwice(input: BulkCall) {
  try {
    return await send(input);
  } catch (error) {
    if (!problemOf(error).transient) throw error;
    await new Promise((resolve) => setTimeout(resolve, backoff_ms(0)));
    return await send(input);
  }
}
