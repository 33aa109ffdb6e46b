import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { EventSubscriber, Webhook } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { cx } from '../../../../ui/classes.ts';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { Switch } from '../../../../ui/fields.tsx';
import { number, plural } from '../../../../ui/format.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { useWebhookChanges } from '../hooks/use-webhook-changes.ts';
import { healthOf, outcomeWords } from '../webhook-health.ts';

/** Requests that tell how a webhook does. */
const LOOKED_AT = 20;

export interface WebhookRowProps {
  webhook: Webhook;
  queue: EventSubscriber | undefined;
  isOpen: boolean;
  onOpen(): void;
}

/** One webhook of the list: where it leads, what it is sent, and how it does. */
export function WebhookRow({ webhook, queue, isOpen, onOpen }: WebhookRowProps) {
  const { busy, blocked, switchTo } = useWebhookChanges();
  const name = visibleText(webhook.name);
  return (
    <li
      aria-label={name}
      className={cx(
        'flex items-center gap-4 rounded-lg border bg-surface px-4 py-3',
        isOpen ? 'border-accent' : 'border-line',
      )}
    >
      <div className="min-w-0 flex-1 space-y-1">
        <p className="flex items-center gap-2">
          <button
            type="button"
            dir="auto"
            onClick={onOpen}
            className="one-line min-w-0 text-left font-semibold text-[14px] underline-offset-2 hover:underline"
          >
            {name}
          </button>
          {webhook.user_id !== null && (
            <Badge title={visibleText(webhook.user_id)}>only {excerpt(webhook.user_id, 60)}</Badge>
          )}
        </p>
        <p className="one-line font-mono text-muted text-xs" title={visibleText(webhook.url)}>
          {excerpt(webhook.url, 300)}
        </p>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-muted text-xs">
          <span title={webhook.types?.join(', ')}>{typesInWords(webhook.types)}</span>
          <span>
            secret <span className="font-mono">…{webhook.secret_hint}</span>
          </span>
          <Queue queue={queue} subscriber={webhook.subscriber} />
        </p>
      </div>
      <Health webhook={webhook} />
      <Switch
        label={`${name}: enabled`}
        checked={webhook.enabled}
        disabled={busy === 'switch'}
        blocked={blocked}
        onChange={(on) => void switchTo(webhook, on)}
      />
    </li>
  );
}

export function typesInWords(types: Webhook['types']): string {
  if (types === null) return 'all types but news of dead letters';
  const [first] = types;
  return types.length === 1 && first !== undefined ? first : plural(types.length, 'type of event', 'types of events');
}

/** What waits for the webhook, and what could not be delivered. */
export function Queue({ queue, subscriber }: { queue: EventSubscriber | undefined; subscriber: string }) {
  if (queue === undefined) return null;
  const waiting = queue.waiting + queue.delayed + queue.running;
  return (
    <>
      {waiting > 0 && (
        <Link to="/events/subscribers" className="text-accent-text underline underline-offset-2">
          {number(waiting)} waiting
        </Link>
      )}
      {queue.dead > 0 && (
        <Link to="/events/dead-letters" search={{ subscriber }} className="text-bad underline underline-offset-2">
          {plural(queue.dead, 'dead letter')}
        </Link>
      )}
    </>
  );
}

function Health({ webhook }: { webhook: Webhook }) {
  const { data, isError } = useQuery(
    api.webhooks.deliveries.queryOptions({ input: { id: webhook.id, limit: LOOKED_AT } }),
  );
  if (isError && data === undefined) return <span className="text-faint text-xs">could not be looked up</span>;
  // Its place is kept while it is read.
  if (data === undefined) return <span className="w-40" />;
  const health = healthOf(data.items, data.next_cursor !== null);
  if (health.kind === 'unknown') return <span className="text-faint text-xs">never called</span>;
  return (
    <div className="w-40 shrink-0 text-right">
      <Badge tone={health.kind === 'well' ? 'ok' : 'bad'}>
        {health.kind === 'well'
          ? outcomeWords(health.last)
          : health.count === 1
            ? outcomeWords(health.last)
            : `last ${health.count}${health.atLeast ? '+' : ''} failed`}
      </Badge>
      <p className="text-[11px] text-faint">
        <Ago time={health.last.at} />
      </p>
    </div>
  );
}
