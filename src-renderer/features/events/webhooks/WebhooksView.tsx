/** Webhooks: where events are sent to, and how that goes. */

import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import type { Webhook, WebhookWithSecret } from '../../../../src-contract/index.ts';
import { MAX_WEBHOOKS } from '../../../../src-contract/webhooks.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { Button } from '../../../ui/Button.tsx';
import { Drawer } from '../../../ui/Drawer.tsx';
import { number } from '../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { SecretDialog } from './components/SecretDialog.tsx';
import { WebhookDrawer } from './components/WebhookDrawer.tsx';
import { WebhookFormDialog } from './components/WebhookFormDialog.tsx';
import { WebhookRow } from './components/WebhookRow.tsx';
import { useQueues, useWebhooks } from './hooks/use-webhooks.ts';
import { useWebhooksSearch } from './hooks/use-webhooks-search.ts';

export function WebhooksView() {
  const { search, set } = useWebhooksSearch();
  const query = useWebhooks();
  const queueOf = useQueues();
  const readOnly = useReadOnly();
  const [editing, setEditing] = useState<Webhook | 'new'>();
  const [secret, setSecret] = useState<WebhookWithSecret>();
  const webhooks = query.data?.items;
  const open = webhooks?.find(({ id }) => id === search.webhook);
  const close = () => set({ webhook: undefined, failed: undefined });
  const isFull = (webhooks?.length ?? 0) >= MAX_WEBHOOKS;
  const newButton = (
    <Button
      look="primary"
      icon={<Plus className="size-4" />}
      disabled={webhooks === undefined || isFull}
      blocked={readOnly}
      onClick={() => setEditing('new')}
    >
      New webhook
    </Button>
  );
  return (
    <>
      <h2 className="sr-only">Webhooks</h2>
      {webhooks !== undefined && webhooks.length > 0 && (
        <div className="flex items-center gap-3 border-line border-b px-3 py-2">
          <p role="status" className="flex-1 text-muted tabular-nums">
            {number(webhooks.length)} of at most {number(MAX_WEBHOOKS)} webhooks
            {isFull && <span className="text-warn"> · delete one that is not needed to make another</span>}
          </p>
          {newButton}
        </div>
      )}
      {query.isPending ? (
        <SkeletonRows rows={6} />
      ) : webhooks === undefined ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : webhooks.length === 0 ? (
        <EmptyState icon={<WebhookIcon />} title="No webhooks yet" actions={newButton}>
          A webhook sends events to a URL of yours as they happen: a memory was written, a session ended, a user was
          erased. Each is signed, and sent until your server takes it or it becomes a dead letter.
        </EmptyState>
      ) : (
        <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3">
          {query.isError && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
          <ul aria-label="Webhooks" className="space-y-2">
            {webhooks.map((webhook) => (
              <WebhookRow
                key={webhook.id}
                webhook={webhook}
                queue={queueOf(webhook.id)}
                isOpen={webhook.id === search.webhook}
                onOpen={() => set({ webhook: webhook.id })}
              />
            ))}
          </ul>
        </div>
      )}
      {open ? (
        <WebhookDrawer
          key={open.id}
          webhook={open}
          queue={queueOf(open.id)}
          onEdit={() => setEditing(open)}
          onSecret={setSecret}
          onClose={close}
        />
      ) : (
        search.webhook !== undefined &&
        webhooks !== undefined && (
          <Drawer label="Webhook" onClose={close}>
            <EmptyState icon={<WebhookIcon />} title="There is no such webhook">
              It was deleted, or the link is of another Archon. Its dead letters stay among the others.
            </EmptyState>
          </Drawer>
        )
      )}
      {editing !== undefined && (
        <WebhookFormDialog
          webhook={editing === 'new' ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onCreated={setSecret}
        />
      )}
      {secret && <SecretDialog webhook={secret} onClose={() => setSecret(undefined)} />}
    </>
  );
}
