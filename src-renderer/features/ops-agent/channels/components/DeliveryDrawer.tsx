/** Something that was sent: why, through what, and what became of it. */
import { Link } from '@tanstack/react-router';
import { Send } from 'lucide-react';
import type { OpsDelivery } from '../../../../../src-contract/index.ts';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { number } from '../../../../ui/format.ts';
import { exactTime } from '../../../../ui/moment.ts';
import { EmptyState, SkeletonRows } from '../../../../ui/states.tsx';
import { AlertLink } from '../../words/AlertLink.tsx';
import { SeverityBadge } from '../../words/SeverityBadge.tsx';
import { ABOUT, KINDS } from '../model/delivery-words.ts';
import { DeliveryBadge } from './DeliveryBadge.tsx';
import { DeliveryDetails } from './DeliveryDetails.tsx';

/** Of a large group, so many are named. */
const MOST_ALERTS = 20;

export interface DeliveryDrawerProps {
  delivery: OpsDelivery | undefined;
  isLoading: boolean;
  /** Those that are known, for what took the place of one. */
  rows: readonly OpsDelivery[];
  onOpen(delivery_id: string): void;
  onClose(): void;
}

export function DeliveryDrawer({ delivery, isLoading, rows, onOpen, onClose }: DeliveryDrawerProps) {
  return (
    <Drawer
      label="What was sent"
      onClose={onClose}
      heading={
        delivery && (
          <>
            <DeliveryBadge state={delivery.state} />
            <h3 className="one-line font-semibold text-[14px]">{ABOUT[delivery.about]}</h3>
          </>
        )
      }
    >
      {delivery === undefined ? (
        isLoading ? (
          <SkeletonRows rows={6} />
        ) : (
          <EmptyState icon={<Send />} title="It is not among those that are shown">
            Scroll on in the list, or clear its filters. After 30 days it is gone.
          </EmptyState>
        )
      ) : (
        <Details delivery={delivery} rows={rows} onOpen={onOpen} />
      )}
    </Drawer>
  );
}

function Details({ delivery, rows, onOpen }: Pick<DeliveryDrawerProps, 'rows' | 'onOpen'> & { delivery: OpsDelivery }) {
  const { subject, channel_id, channel_name, kind, severity, alert_ids, created_at, id, state } = delivery;
  const instead = state.state === 'failed' ? rows.find((one) => one.id === state.fallback) : undefined;
  return (
    <div
      role="region"
      aria-label="Details"
      tabIndex={0}
      className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4 focus-visible:-outline-offset-2"
    >
      <p dir="auto" className="content-text text-[14px]">
        {visibleText(subject)}
      </p>
      <DeliveryDetails delivery={delivery} />
      {instead !== undefined && (
        <button
          type="button"
          onClick={() => onOpen(instead.id)}
          className="text-accent-text text-xs underline underline-offset-2"
        >
          What took its place: through {visibleText(instead.channel_name)}
        </button>
      )}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        <DetailRow name="Channel">
          <Link
            to="/ops-agent/channels"
            search={{ channel: channel_id }}
            className="text-accent-text underline underline-offset-2"
          >
            {visibleText(channel_name)}
          </Link>{' '}
          <span className="text-muted">· {KINDS[kind]}</span>
        </DetailRow>
        {severity !== null && (
          <DetailRow name="Severity">
            <SeverityBadge severity={severity} />
          </DetailRow>
        )}
        {alert_ids.length > 0 && (
          <DetailRow name="Alerts">
            <ul>
              {alert_ids.slice(0, MOST_ALERTS).map((alert_id) => (
                <li key={alert_id} className="font-mono text-xs">
                  <AlertLink alert_id={alert_id}>{alert_id}</AlertLink>
                </li>
              ))}
              {alert_ids.length > MOST_ALERTS && (
                <li className="text-faint text-xs">and {number(alert_ids.length - MOST_ALERTS)} more</li>
              )}
            </ul>
          </DetailRow>
        )}
        <DetailRow name="Made">{exactTime(created_at)}</DetailRow>
        <DetailRow name="Id">
          <span className="-my-1 flex items-center gap-1">
            <span className="font-mono text-xs">{id}</span>
            <CopyButton text={() => JSON.stringify(delivery, null, 2)} what="Copy as JSON" />
          </span>
        </DetailRow>
      </dl>
    </div>
  );
}
