/** What a person says of alerts, each with a word about what came of it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { OpsAlertDetail, OpsSilence } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { useBlocked } from '../../views/use-blocked.ts';
import type { SilenceInput } from '../model/silence-form.ts';

export function useAlertChanges() {
  const queryClient = useQueryClient();
  const blocked = useBlocked();
  const [isBusy, setBusy] = useState(false);

  async function busy<T>(work: () => Promise<T>): Promise<T> {
    setBusy(true);
    try {
      return await work();
    } finally {
      setBusy(false);
    }
  }

  const readListsAgain = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: api.opsAlerts.list.key() }),
      queryClient.invalidateQueries({ queryKey: api.ops.key() }),
    ]);

  /** @throws what the call says */
  const say = (work: () => Promise<OpsAlertDetail>): Promise<void> =>
    busy(async () => {
      const alert = await work();
      const { queryKey } = api.opsAlerts.get.queryOptions({ input: { alert: alert.id } });
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData(queryKey, alert);
      void readListsAgain();
    });

  const acknowledge = (alert: string, note: string) =>
    say(() => client.opsAlerts.acknowledge({ alert, ...(note === '' ? {} : { note }) }));
  const note = (alert: string, text: string) => say(() => client.opsAlerts.note({ alert, text }));

  const takeBack = async (alert: string): Promise<void> => {
    try {
      await say(() => client.opsAlerts.unacknowledge({ alert }));
    } catch (error) {
      toast.error(problemOf(error).message);
    }
  };

  /** @throws what the call says */
  const silence = (input: SilenceInput): Promise<OpsSilence> =>
    busy(async () => {
      const made = await client.opsAlerts.silence(input);
      void queryClient.invalidateQueries({ queryKey: api.opsAlerts.key() });
      return made;
    });

  /** @returns whether it is done */
  const endSilence = (id: string): Promise<boolean> =>
    busy(async () => {
      try {
        await client.opsAlerts.endSilence({ silence: id });
        toast.success('The silence is over: its alerts are told again.');
        return true;
      } catch (error) {
        toast.error(problemOf(error).message);
        return false;
      } finally {
        void queryClient.invalidateQueries({ queryKey: api.opsAlerts.key() });
      }
    });

  return { isBusy, blocked, acknowledge, takeBack, note, silence, endSilence };
}
