/** What can be done with dead letters, each with a word about what came of it. */

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { DeadLetter, DeadLetterSelection, JsonObject } from '../../../../../src-contract/index.ts';
import { useReadOnly } from '../../../../app/read-only.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { number, plural } from '../../../../ui/format.ts';
import { saveFile } from '../../../../ui/save-text.ts';
import type { LetterInput } from '../letter-filter.ts';
import { tellShownLetters } from './use-letter-list.ts';

export function useLetterActions() {
  const queryClient = useQueryClient();
  const blocked = useReadOnly();
  const [isBusy, setBusy] = useState(false);
  const readAgain = () => queryClient.invalidateQueries({ queryKey: api.deadLetters.key() });

  async function busy<T>(work: () => Promise<T>): Promise<T> {
    setBusy(true);
    try {
      return await work();
    } finally {
      setBusy(false);
    }
  }

  /** Shown as on its way at once; as it was, should the call be refused. @throws what the call says */
  const replay = (letter: DeadLetter, payload?: JsonObject): Promise<void> =>
    busy(async () => {
      const { queryKey } = api.deadLetters.get.queryOptions({ input: { id: letter.id } });
      await queryClient.cancelQueries({ queryKey });
      const since = new Date().toISOString();
      queryClient.setQueryData(queryKey, {
        ...letter,
        life: { state: 'replaying', since, by: 'you', replay_id: letter.id },
      });
      try {
        queryClient.setQueryData(
          queryKey,
          await client.deadLetters.replay({ id: letter.id, ...(payload === undefined ? {} : { payload }) }),
        );
      } catch (error) {
        queryClient.setQueryData(queryKey, letter);
        // Somebody else may have been faster.
        void queryClient.invalidateQueries({ queryKey });
        throw error;
      } finally {
        tellShownLetters([letter.id]);
      }
      void queryClient.invalidateQueries({ queryKey: api.deadLetters.stats.key() });
      void queryClient.invalidateQueries({ queryKey: api.deadLetters.replays.key() });
    });

  /** @returns whether it is done */
  const discard = (select: DeadLetterSelection, reason: string): Promise<boolean> =>
    busy(async () => {
      try {
        const { discarded, not_taken } = await client.deadLetters.discard({ select, reason });
        const rest = not_taken > 0 ? ` ${number(not_taken)} more match: discard again for them.` : '';
        if (discarded === 0) toast.info('Nothing was discarded: none of them is dead any more.');
        else toast.success(`${plural(discarded, 'dead letter')} discarded.${rest}`);
        tellShownLetters();
        void readAgain();
        return true;
      } catch (error) {
        toast.error(problemOf(error).message);
        return false;
      }
    });

  const exportAll = (input: LetterInput): Promise<void> =>
    busy(async () => {
      try {
        const file = await client.deadLetters.export(input);
        if (file.size === 0) toast.info('There is nothing to export: no dead letter matches.');
        else saveFile(file.name, file);
      } catch (error) {
        toast.error(problemOf(error).message);
      }
    });

  return { isBusy, blocked, replay, discard, exportAll };
}
