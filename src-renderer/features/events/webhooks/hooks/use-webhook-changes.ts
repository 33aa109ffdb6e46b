/** Changes of webhooks, each with a word about what came of it. */

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Webhook, WebhookDelivery, WebhookWithSecret } from '../../../../../src-contract/index.ts';
import { useReadOnly } from '../../../../app/read-only.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';

type WebhookList = { items: Webhook[] };

export function useWebhookChanges() {
  const queryClient = useQueryClient();
  const blocked = useReadOnly();
  const [busy, setBusy] = useState<'switch' | 'rotate' | 'test' | 'remove'>();
  const queryKey = api.webhooks.list.queryKey();
  const readAgain = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: api.webhooks.key() }),
      queryClient.invalidateQueries({ queryKey: api.subscribers.key() }),
    ]);

  /** @returns what came of it; undefined when it was refused, which is told */
  async function doing<T>(what: NonNullable<typeof busy>, work: () => Promise<T>): Promise<T | undefined> {
    setBusy(what);
    try {
      return await work();
    } catch (error) {
      toast.error(problemOf(error).message);
      return undefined;
    } finally {
      setBusy(undefined);
    }
  }

  /** Shown at once; as it was, should it be refused. */
  const switchTo = async (webhook: Webhook, enabled: boolean): Promise<void> => {
    const show = (on: boolean) =>
      queryClient.setQueryData<WebhookList>(queryKey, (list) =>
        list ? { items: list.items.map((one) => (one.id === webhook.id ? { ...one, enabled: on } : one)) } : list,
      );
    await queryClient.cancelQueries({ queryKey });
    show(enabled);
    const saved = await doing('switch', () => client.webhooks.update({ id: webhook.id, enabled }));
    if (saved === undefined) show(webhook.enabled);
    await readAgain();
  };

  const rotate = async (webhook: Webhook): Promise<WebhookWithSecret | undefined> => {
    const rotated = await doing('rotate', () => client.webhooks.rotateSecret({ id: webhook.id }));
    void readAgain();
    return rotated;
  };

  const test = async (webhook: Webhook): Promise<WebhookDelivery | undefined> => {
    const delivery = await doing('test', () => client.webhooks.test({ id: webhook.id }));
    void queryClient.invalidateQueries({ queryKey: api.webhooks.deliveries.key() });
    return delivery;
  };

  /** @param onGone before anything is read again: what is shown of it would be asked for in vain */
  const remove = async (webhook: Webhook, onGone: () => void): Promise<void> => {
    const removed = await doing('remove', () => client.webhooks.remove({ id: webhook.id }));
    if (removed !== undefined) {
      toast.success(`${visibleText(webhook.name)} was removed.`);
      onGone();
    }
    void readAgain();
  };

  return { busy, blocked, switchTo, rotate, test, remove };
}
