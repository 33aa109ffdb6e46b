/** Everything about one webhook, and what can be done with it. */
import { KeyRound, Pencil, Send, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import type {
  EventSubscriber,
  Webhook,
  WebhookDelivery,
  WebhookWithSecret,
} from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button, IconButton } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { Confirm } from '../../../../ui/Dialog.tsx';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { number, plural } from '../../../../ui/format.ts';
import { Tabs } from '../../../../ui/Tabs.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { useWebhookChanges } from '../hooks/use-webhook-changes.ts';
import { Deliveries } from './Deliveries.tsx';
import { DeliveryAnswer, OutcomeBadge } from './DeliveryOutcome.tsx';
import { VerifySnippets } from './VerifySnippets.tsx';
import { Queue, typesInWords } from './WebhookRow.tsx';

export interface WebhookDrawerProps {
  webhook: Webhook;
  queue: EventSubscriber | undefined;
  onEdit(): void;
  onSecret(webhook: WebhookWithSecret): void;
  onClose(): void;
}

type DetailTab = 'requests' | 'details' | 'verify';

export function WebhookDrawer({ webhook, queue, onEdit, onSecret, onClose }: WebhookDrawerProps) {
  const { busy, blocked, rotate, test, remove } = useWebhookChanges();
  const [tab, setTab] = useState<DetailTab>('requests');
  const [tested, setTested] = useState<WebhookDelivery>();
  const [asking, setAsking] = useState<'rotate' | 'remove'>();
  const waiting = queue === undefined ? 0 : queue.waiting + queue.delayed + queue.running;
  const name = visibleText(webhook.name);
  const rotateNow = async () => {
    const rotated = await rotate(webhook);
    setAsking(undefined);
    if (rotated !== undefined) onSecret(rotated);
  };
  const removeNow = async () => {
    await remove(webhook, onClose);
    setAsking(undefined);
  };
  return (
    <Drawer
      label="Webhook"
      onClose={onClose}
      heading={
        <>
          {!webhook.enabled && <Badge>off</Badge>}
          <h2 dir="auto" className="one-line font-semibold text-[14px]">
            {name}
          </h2>
        </>
      }
    >
      <div className="flex flex-wrap items-center gap-2 border-line border-b px-4 py-2">
        <Button
          size="small"
          look="primary"
          busy={busy === 'test'}
          blocked={blocked}
          icon={<Send className="size-3.5" />}
          onClick={async () => setTested(await test(webhook))}
        >
          Send a test
        </Button>
        <Button size="small" icon={<Pencil className="size-3.5" />} blocked={blocked} onClick={onEdit}>
          Edit
        </Button>
        <Button
          size="small"
          icon={<KeyRound className="size-3.5" />}
          blocked={blocked}
          onClick={() => setAsking('rotate')}
        >
          Rotate the secret
        </Button>
        <span className="flex-1" />
        <Button
          size="small"
          className="text-bad"
          icon={<Trash2 className="size-3.5" />}
          blocked={blocked}
          onClick={() => setAsking('remove')}
        >
          Delete
        </Button>
      </div>
      {tested && (
        <section aria-label="Answer to the test" className="space-y-1.5 border-line border-b bg-raised px-4 py-3">
          <div className="flex items-center gap-2">
            <p role="status" className="flex flex-1 items-center gap-2 font-medium">
              Test <OutcomeBadge delivery={tested} />
            </p>
            <IconButton label="Put away" icon={<X className="size-4" />} onClick={() => setTested(undefined)} />
          </div>
          <DeliveryAnswer delivery={tested} />
        </section>
      )}
      <Tabs<DetailTab>
        label="Parts of the webhook"
        className="flex-1"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'requests', label: 'Requests' },
          { value: 'details', label: 'Details' },
          { value: 'verify', label: 'Verify' },
        ]}
      >
        <div className="min-h-0 flex-1 overflow-y-auto">
          {tab === 'requests' && <Deliveries webhook_id={webhook.id} />}
          {tab === 'details' && <Facts webhook={webhook} queue={queue} />}
          {tab === 'verify' && (
            <div className="p-4">
              <VerifySnippets />
            </div>
          )}
        </div>
      </Tabs>
      <Confirm
        open={asking === 'rotate'}
        onOpenChange={(open) => !open && setAsking(undefined)}
        title="Make a new secret?"
        action="Rotate the secret"
        busy={busy === 'rotate'}
        onConfirm={() => void rotateNow()}
      >
        From now on everything is signed with the new one. What your server gets before it knows that fails its check,
        and is sent again as after any failure. This cannot be undone.
      </Confirm>
      <Confirm
        open={asking === 'remove'}
        onOpenChange={(open) => !open && setAsking(undefined)}
        title={`Delete ${name}?`}
        action="Delete"
        busy={busy === 'remove'}
        onConfirm={() => void removeNow()}
      >
        {waiting > 0
          ? `${plural(waiting, 'event that waits', 'events that wait')} for it ${waiting === 1 ? 'is' : 'are'} not sent any more.`
          : 'Nothing is sent to it any more.'}{' '}
        Its dead letters stay, but nobody takes them. Its log of requests goes. This cannot be undone; to stop it for a
        while, switch it off.
      </Confirm>
    </Drawer>
  );
}

function Facts({ webhook, queue }: { webhook: Webhook; queue: EventSubscriber | undefined }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 p-4">
      <DetailRow name="URL">
        <span className="-my-1 flex items-center gap-1">
          <span className="min-w-0 font-mono text-xs">{visibleText(webhook.url)}</span>
          <CopyButton text={webhook.url} what="Copy the URL" />
        </span>
      </DetailRow>
      <DetailRow name="Events">
        {webhook.types === null ? (
          typesInWords(null)
        ) : (
          <ul className="font-mono text-xs">
            {webhook.types.map((type) => (
              <li key={type}>{type}</li>
            ))}
          </ul>
        )}
      </DetailRow>
      <DetailRow name="User">{webhook.user_id === null ? 'everybody' : visibleText(webhook.user_id)}</DetailRow>
      <DetailRow name="Secret">
        ends with <span className="font-mono">{webhook.secret_hint}</span>
      </DetailRow>
      <DetailRow name="Queue">
        <span className="flex flex-wrap gap-x-3">
          {queue === undefined ? (
            <span className="text-faint">not known yet</span>
          ) : (
            <span className="tabular-nums">
              {number(queue.waiting)} ready · {number(queue.delayed)} for later · {number(queue.running)} being sent
            </span>
          )}
          <Queue queue={queue} subscriber={webhook.subscriber} />
        </span>
      </DetailRow>
      <DetailRow name="Subscriber">
        <span className="font-mono text-xs">{webhook.subscriber}</span>
      </DetailRow>
      <DetailRow name="Made">
        <Ago time={webhook.created_at} />
      </DetailRow>
      <DetailRow name="Changed">
        <Ago time={webhook.updated_at} />
      </DetailRow>
    </dl>
  );
}
