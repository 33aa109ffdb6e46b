/** Changes of channels, each with a word about what came of it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { OpsChannel, OpsChannelDraft, OpsDelivery } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { useBlocked } from '../../views/use-blocked.ts';
import { keptDraft } from '../model/channel-form.ts';

export function useChannelChanges() {
  const queryClient = useQueryClient();
  const blocked = useBlocked();
  const [busy, setBusy] = useState<'save' | 'switch' | 'test' | 'remove'>();

  async function doing<T>(what: NonNullable<typeof busy>, work: () => Promise<T>): Promise<T> {
    setBusy(what);
    try {
      return await work();
    } finally {
      setBusy(undefined);
      void queryClient.invalidateQueries({ queryKey: api.opsChannels.key() });
    }
  }

  /** @throws what the call says */
  const save = (channel: OpsChannel | undefined, draft: OpsChannelDraft): Promise<OpsChannel> =>
    doing('save', () =>
      channel === undefined
        ? client.opsChannels.create(draft)
        : client.opsChannels.update({ channel: channel.id, revision: channel.revision, draft }),
    );

  const switchTo = async (channel: OpsChannel, enabled: boolean): Promise<void> => {
    try {
      const draft = { ...keptDraft(channel), enabled };
      await doing('switch', () =>
        client.opsChannels.update({ channel: channel.id, revision: channel.revision, draft }),
      );
    } catch (error) {
      toast.error(problemOf(error).message);
    }
  };

  /**
   * @param draft as it would be; without it as it is
   * @throws what the call says
   */
  const test = (channel: string | null, draft: OpsChannelDraft | undefined): Promise<OpsDelivery> =>
    doing('test', () => client.opsChannels.test({ channel, ...(draft === undefined ? {} : { draft }) }));

  const remove = async (channel: OpsChannel): Promise<boolean> => {
    try {
      const { channel: now } = await doing('remove', () =>
        client.opsChannels.remove({ channel: channel.id, revision: channel.revision }),
      );
      const name = visibleText(channel.name);
      toast.success(now === null ? `${name} was removed.` : `${name} is as the settings say.`);
      return true;
    } catch (error) {
      toast.error(problemOf(error).message);
      return false;
    }
  };

  return { busy, blocked, save, switchTo, test, remove };
}
