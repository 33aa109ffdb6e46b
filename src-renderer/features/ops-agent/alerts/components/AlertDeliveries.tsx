/** Why did this notify? What was sent about an alert, each with its path. */
import { ChevronRight, Send } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { OpsDelivery } from '../../../../../src-contract/index.ts';
import { PagedList } from '../../../../lists/PagedList.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { EmptyState } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { DeliveryBadge } from '../../channels/components/DeliveryBadge.tsx';
import { DeliveryDetails } from '../../channels/components/DeliveryDetails.tsx';
import { ABOUT } from '../../channels/model/delivery-words.ts';
import { useAlertDeliveries } from '../hooks/use-alert.ts';

/** @param opened the one that is open from the beginning */
export function AlertDeliveries({ alert_id, opened }: { alert_id: string; opened: string | undefined }) {
  const { query, rows, more } = useAlertDeliveries(alert_id);
  return (
    <PagedList query={query}>
      {rows.length === 0 ? (
        <EmptyState icon={<Send />} title="Nothing was sent about it">
          What happened to it says why, when there is a reason: a silence, a rule that tells nobody, an alert that it is
          a consequence of.
        </EmptyState>
      ) : (
        <ul aria-label="What was sent" className="divide-y divide-line rounded-lg border border-line">
          {rows.map((delivery) => (
            <DeliveryItem key={delivery.id} delivery={delivery} isOpened={delivery.id === opened} />
          ))}
        </ul>
      )}
      {more.hasMore && (
        <div className="pt-2">
          <Button size="small" busy={more.isLoading} onClick={more.retry}>
            Load more
          </Button>
        </div>
      )}
    </PagedList>
  );
}

function DeliveryItem({ delivery, isOpened }: { delivery: OpsDelivery; isOpened: boolean }) {
  const [isOpen, setOpen] = useState(isOpened);
  const ref = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (isOpened) ref.current?.focus();
  }, [isOpened]);
  const { about, channel_name, created_at, subject } = delivery;
  return (
    <li>
      <button
        ref={ref}
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex w-full items-center gap-2 px-2 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2"
      >
        <ChevronRight
          aria-hidden="true"
          className={cx('size-3.5 shrink-0 text-faint transition-transform', isOpen && 'rotate-90')}
        />
        <DeliveryBadge state={delivery.state} />
        <span className="shrink-0 text-xs">{ABOUT[about]}</span>
        <span dir="auto" className="one-line min-w-0 flex-1 text-muted text-xs">
          {excerpt(channel_name, 100)}
        </span>
        <Ago time={created_at} className="w-20 shrink-0 text-right text-[11px] text-faint" />
      </button>
      {isOpen && (
        <div className="space-y-2 px-3 pb-3 pl-8">
          <p dir="auto" className="content-text text-xs">
            {excerpt(subject, 500)}
          </p>
          <DeliveryDetails delivery={delivery} />
        </div>
      )}
    </li>
  );
}
