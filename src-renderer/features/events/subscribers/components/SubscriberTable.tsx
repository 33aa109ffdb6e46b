import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { EventSubscriber } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { number, plural } from '../../../../ui/format.ts';
import { waited } from '../model/delivery-state.ts';
import type { RateHistory } from '../model/rate-history.ts';
import { RateLine } from './RateLine.tsx';

const HEADINGS: readonly { name: string; help: string }[] = [
  { name: 'Behind', help: 'Events in the log that are not in its queue yet' },
  { name: 'Waiting', help: 'In its queue, to be handled now' },
  { name: 'Delayed', help: 'In its queue, for the next attempt after a failed one' },
  { name: 'Running', help: 'Being handled' },
  { name: 'Dead', help: 'Given up after the last attempt: dead letters that nobody has dealt with' },
  { name: 'Oldest', help: 'How long the oldest event in its queue has waited' },
  { name: 'Per minute', help: 'Delivered by this node in the last minute' },
  { name: 'Delivered', help: 'By this node since it was started' },
  { name: 'Failed', help: 'Failed attempts of this node since it was started' },
  { name: 'Given up', help: 'Handlers that ran past their time and did not stop when told to' },
];
/** Behind is counted up to here. */
const COUNTED = 100_000;
const TYPES_SHOWN = 2;

export interface SubscriberTableProps {
  subscribers: readonly EventSubscriber[];
  nameOf(subscriber: string): string;
  rates: RateHistory;
  now_ms: number;
}

export function SubscriberTable({ subscribers, ...rest }: SubscriberTableProps) {
  return (
    <table className="w-full border-separate border-spacing-0 tabular-nums">
      <caption className="sr-only">Subscribers and their queues</caption>
      <thead>
        <tr className="text-[11px] text-faint">
          <Heading className="pl-3 text-left">Subscriber</Heading>
          {HEADINGS.map(({ name, help }) => (
            <Heading key={name} help={help}>
              {name}
            </Heading>
          ))}
        </tr>
      </thead>
      <tbody>
        {subscribers.map((subscriber) => (
          <SubscriberRow key={subscriber.name} subscriber={subscriber} {...rest} />
        ))}
      </tbody>
    </table>
  );
}

function SubscriberRow({
  subscriber,
  nameOf,
  rates,
  now_ms,
}: Omit<SubscriberTableProps, 'subscribers'> & { subscriber: EventSubscriber }) {
  const { name, behind, waiting, delayed, running, oldest_waiting_at } = subscriber;
  return (
    <tr className="hover:bg-hover">
      <th scope="row" className="w-full max-w-0 border-line/60 border-b py-2 pr-2 pl-3 text-left font-normal">
        <Name subscriber={subscriber} shown={nameOf(name)} />
      </th>
      <Figure isLow={behind === 0}>{behind >= COUNTED ? `${number(COUNTED)}+` : number(behind)}</Figure>
      <Figure isLow={waiting === 0}>{number(waiting)}</Figure>
      <Figure isLow={delayed === 0} className={delayed > 0 ? 'text-warn' : ''}>
        {number(delayed)}
      </Figure>
      <Figure isLow={running === 0}>{number(running)}</Figure>
      <Figure isLow={subscriber.dead === 0}>
        <Dead subscriber={subscriber} />
      </Figure>
      <Figure isLow={oldest_waiting_at === null}>
        {oldest_waiting_at === null ? '–' : waited(oldest_waiting_at, now_ms)}
      </Figure>
      <Figure isLow={subscriber.delivered_per_minute === 0}>
        <span className="flex items-center justify-end gap-1.5">
          <RateLine rates={rates.get(name) ?? []} />
          <span className="min-w-8">{number(Math.round(subscriber.delivered_per_minute))}</span>
        </span>
      </Figure>
      <Figure isLow={subscriber.delivered === 0}>{number(subscriber.delivered)}</Figure>
      <Figure isLow={subscriber.failed_attempts === 0}>{number(subscriber.failed_attempts)}</Figure>
      <Figure isLow={subscriber.given_up === 0} className={subscriber.given_up > 0 ? 'text-warn' : ''}>
        {number(subscriber.given_up)}
      </Figure>
    </tr>
  );
}

function Name({ subscriber, shown }: { subscriber: EventSubscriber; shown: string }) {
  const { name, kind, webhook_id, types, enabled } = subscriber;
  return (
    <span className="block min-w-0">
      <span className="flex min-w-0 items-center gap-1.5">
        {webhook_id === null ? (
          <span dir="auto" title={visibleText(name)} className="one-line font-medium">
            {shown}
          </span>
        ) : (
          <Link
            to="/events/webhooks"
            search={{ webhook: webhook_id }}
            title={visibleText(name)}
            className="one-line font-medium text-accent-text underline underline-offset-2"
          >
            <bdi>{shown}</bdi>
          </Link>
        )}
        {!enabled && <Badge tone="warn">switched off</Badge>}
      </span>
      <span title={types?.map(visibleText).join(', ')} className="one-line block text-[11px] text-faint">
        {kind === 'webhook' ? 'Webhook' : 'Built in'} · {typesText(types)}
      </span>
    </span>
  );
}

function typesText(types: EventSubscriber['types']): string {
  if (types === null) return 'all types but news of dead letters';
  if (types.length > TYPES_SHOWN) return plural(types.length, 'type');
  return types.map((type) => visibleText(type.slice(0, 100))).join(', ');
}

function Dead({ subscriber: { name, dead } }: { subscriber: EventSubscriber }) {
  if (dead === 0) return '0';
  return (
    <Link
      to="/events/dead-letters"
      search={{ subscriber: name }}
      aria-label={`${plural(dead, 'dead letter')} of ${visibleText(name)}`}
      className="font-medium text-bad underline underline-offset-2"
    >
      {number(dead)}
    </Link>
  );
}

function Heading({ help, className, children }: { help?: string; className?: string; children: ReactNode }) {
  return (
    <th
      scope="col"
      title={help}
      className={cx(
        'sticky top-0 z-5 h-8 whitespace-nowrap border-line border-b bg-surface px-2 font-normal last:pr-3',
        className ?? 'text-right',
      )}
    >
      {children}
    </th>
  );
}

function Figure({ isLow, className, children }: { isLow: boolean; className?: string; children: ReactNode }) {
  return (
    <td
      className={cx(
        'whitespace-nowrap border-line/60 border-b px-2 text-right last:pr-3',
        isLow ? 'text-faint' : 'text-text',
        className,
      )}
    >
      {children}
    </td>
  );
}
