/** The last requests to a webhook: what was sent, what was answered. */

import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronRight, Send } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { WebhookDelivery } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { Button } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { Switch } from '../../../../ui/fields.tsx';
import { number, plural } from '../../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { took } from '../../dead-letters/letter-words.ts';
import { useWebhooksSearch } from '../hooks/use-webhooks-search.ts';
import { isAccepted } from '../webhook-health.ts';
import { DeliveryAnswer, OutcomeBadge } from './DeliveryOutcome.tsx';

const PAGE = 50;

export function Deliveries({ webhook_id }: { webhook_id: string }) {
  const { search, set } = useWebhooksSearch();
  const query = useInfiniteQuery(
    api.webhooks.deliveries.infiniteOptions({
      input: (cursor: string | undefined) => ({
        id: webhook_id,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      staleTime: 0,
    }),
  );
  const { hasNextPage, isFetching, isError, fetchNextPage } = query;
  const onlyFailed = search.failed === true;
  // 200 are kept: a filter looks through all of them.
  useEffect(() => {
    if (onlyFailed && hasNextPage && !isFetching && !isError) void fetchNextPage();
  }, [onlyFailed, hasNextPage, isFetching, isError, fetchNextPage]);
  // Until all of them were seen, nobody knows that none failed.
  const isLookedThrough = onlyFailed && hasNextPage;
  const all = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const shown = onlyFailed ? all.filter((delivery) => !isAccepted(delivery)) : all;
  if (query.isPending) return <SkeletonRows rows={6} />;
  if (isError && all.length === 0) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className="space-y-3 p-4">
      {isError && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
      <div className="flex items-center gap-2">
        <p role="status" className="flex-1 text-muted text-xs">
          {plural(shown.length, 'request')}
          {hasNextPage && ' so far'}, newest first; the last 200 are kept
        </p>
        <span id="only-failed" className="text-xs">
          Only failed
        </span>
        <Switch
          label="Only failed"
          labelledBy="only-failed"
          checked={onlyFailed}
          onChange={(on) => set({ failed: on ? true : undefined })}
        />
      </div>
      {shown.length === 0 && isLookedThrough ? (
        !isError && <SkeletonRows rows={6} />
      ) : shown.length === 0 ? (
        <EmptyState icon={<Send />} title={onlyFailed ? 'None of them failed' : 'Nothing was sent yet'}>
          {onlyFailed ? 'Every request that is kept was accepted.' : 'Send a test, or wait for the next event.'}
        </EmptyState>
      ) : (
        <ul aria-label="Requests" className="divide-y divide-line rounded-lg border border-line">
          {shown.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      )}
      {hasNextPage && !onlyFailed && (
        <Button size="small" busy={query.isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Load more
        </Button>
      )}
    </div>
  );
}

function DeliveryRow({ delivery }: { delivery: WebhookDelivery }) {
  const [isOpen, setOpen] = useState(false);
  const { event_type, event_id, attempt, at, duration_ms } = delivery;
  return (
    <li>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex w-full items-center gap-2 px-2 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2"
      >
        <ChevronRight
          aria-hidden="true"
          className={cx('size-3.5 shrink-0 text-faint transition-transform', isOpen && 'rotate-90')}
        />
        <OutcomeBadge delivery={delivery} />
        <span className="one-line min-w-0 flex-1 font-mono text-xs">
          {event_id === null ? 'a test' : `${excerpt(event_type, 100)} ${event_id}`}
        </span>
        {attempt > 1 && <span className="shrink-0 text-muted text-xs tabular-nums">attempt {number(attempt)}</span>}
        <span className="w-14 shrink-0 text-right text-muted text-xs tabular-nums">{took(duration_ms)}</span>
        <Ago time={at} className="w-20 shrink-0 text-right text-[11px] text-faint" />
      </button>
      {isOpen && (
        <div className="px-3 pb-3 pl-8">
          <DeliveryAnswer delivery={delivery} />
          {event_id !== null && (
            <Link
              to="/events"
              search={{ event: event_id }}
              className="text-accent-text text-xs underline underline-offset-2"
            >
              The event in the log
            </Link>
          )}
        </div>
      )}
    </li>
  );
}
