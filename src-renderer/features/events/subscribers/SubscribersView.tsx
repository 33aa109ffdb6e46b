/** Who is sent events, how far each of them is, and what waits for it. */
import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, Clock, Webhook } from 'lucide-react';
import type { EventSubscriber } from '../../../../src-contract/index.ts';
import { useConnection } from '../../../rpc/connection.ts';
import { cx } from '../../../ui/classes.ts';
import { number, plural } from '../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { useSubscriberNames } from '../hooks/use-subscriber-names.ts';
import { SubscriberTable } from './components/SubscriberTable.tsx';
import { useSessionOutbox, useSubscribers } from './hooks/use-subscribers.ts';
import { type DeliveryState, deliveryState, totalsOf, waited } from './model/delivery-state.ts';

export function SubscribersView() {
  const { query, rates } = useSubscribers();
  const isConnected = useConnection(({ state: { phase } }) => phase === 'open' || phase === 'connecting');
  const nameOf = useSubscriberNames({ areThere: true });
  const items = query.data?.items;
  // The clock of the last look: between looks nothing moves.
  const now_ms = query.dataUpdatedAt;
  return (
    <>
      <h2 className="sr-only">Subscribers and their queues</h2>
      {query.isError && items && isConnected && (
        <div className="border-line border-b p-2">
          <StaleNotice error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {items === undefined && query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {items === undefined && !query.isError && <SkeletonRows rows={10} />}
      {items?.length === 0 && <NoSubscribers />}
      {items && items.length > 0 && (
        <>
          <Summary subscribers={items} nameOf={nameOf} now_ms={now_ms} isConnected={isConnected} />
          <section
            aria-label="Subscribers"
            tabIndex={0}
            className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
          >
            <SubscriberTable subscribers={items} nameOf={nameOf} rates={rates} now_ms={now_ms} />
          </section>
        </>
      )}
      {items && <Outbox now_ms={now_ms} />}
    </>
  );
}

const ICONS = { ok: CircleCheck, warn: Clock, bad: CircleAlert } as const;
const SPOKEN: Record<DeliveryState['tone'], string> = {
  ok: 'Delivery is well.',
  warn: 'Delivery is behind.',
  bad: 'There are dead letters.',
};
const COLOURS: Record<DeliveryState['tone'], string> = { ok: 'text-ok', warn: 'text-warn', bad: 'text-bad' };

function Summary({
  subscribers,
  nameOf,
  now_ms,
  isConnected,
}: {
  subscribers: readonly EventSubscriber[];
  nameOf(subscriber: string): string;
  now_ms: number;
  isConnected: boolean;
}) {
  const { tone, text } = deliveryState(subscribers, now_ms, nameOf);
  const totals = totalsOf(subscribers);
  const Icon = ICONS[tone];
  return (
    <section aria-label="Delivery" className="shrink-0 space-y-3 border-line border-b px-3 py-3">
      <p className="flex items-start gap-2 text-[14px]">
        <Icon aria-hidden="true" className={cx('mt-0.5 size-4 shrink-0', COLOURS[tone])} />
        <span className="min-w-0 [overflow-wrap:anywhere]">
          {isConnected ? text : 'Not connected: these are the figures until then.'}
        </span>
        {/* The figures change all the time: only how it is, is announced. The banner tells of the connection. */}
        <span role="status" className="sr-only">
          {isConnected && SPOKEN[tone]}
        </span>
      </p>
      <dl className="flex flex-wrap gap-x-8 gap-y-2">
        <Total name="behind" value={totals.behind} />
        <Total name="waiting" value={totals.waiting} />
        <Total name="delayed" value={totals.delayed} />
        <Total name="running" value={totals.running} />
        <Total name="dead letters" value={totals.dead} isBad={totals.dead > 0} />
        <Total name="delivered per minute" value={Math.round(totals.delivered_per_minute)} />
      </dl>
    </section>
  );
}

function Total({ name, value, isBad = false }: { name: string; value: number; isBad?: boolean }) {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-[11px] text-faint">{name}</dt>
      <dd className={cx('font-semibold text-[18px] tabular-nums leading-6', isBad && 'text-bad')}>{number(value)}</dd>
    </div>
  );
}

function NoSubscribers() {
  return (
    <EmptyState
      icon={<Webhook />}
      title="Nobody subscribes to events"
      actions={
        <Link
          to="/events/webhooks"
          className="inline-flex h-8 items-center rounded-md bg-accent px-3 font-medium text-on-accent hover:bg-accent-hover"
        >
          Go to webhooks
        </Link>
      }
    >
      A webhook gets every event it asks for, sooner or later: it is tried again while its server is away, and what
      cannot be delivered is kept as a dead letter.
    </EmptyState>
  );
}

/** Events of sessions are written with their session, and copied into the log from there. */
function Outbox({ now_ms }: { now_ms: number }) {
  const { data, isPending } = useSessionOutbox();
  return (
    <footer className="flex min-h-9 shrink-0 items-center gap-2 border-line border-t px-3 py-1.5 text-muted text-xs">
      <span className="min-w-0">
        <strong className="font-medium text-text">Sessions’ outbox:</strong> {outboxText(data, isPending, now_ms)}
      </span>
    </footer>
  );
}

function outboxText(
  outbox: { waiting: number; oldest_at: string | null } | null | undefined,
  isPending: boolean,
  now_ms: number,
): string {
  if (isPending) return 'being counted …';
  if (outbox === undefined) return 'cannot be counted now.';
  if (outbox === null) return 'the session store is away. Its events wait there, and get into the log when it is back.';
  if (outbox.waiting === 0) return 'empty. All events of sessions are in the log.';
  const since = outbox.oldest_at === null ? '' : `, the oldest for ${waited(outbox.oldest_at, now_ms)}`;
  return `${plural(outbox.waiting, 'event')} of sessions, of every organisation, on the way into the log${since}. Nobody is told of them before they are there.`;
}
