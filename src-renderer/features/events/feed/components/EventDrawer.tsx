/** Everything about one event: when, who, whose, its payload, and the way to what it is about. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { EventEnvelope, JsonObject } from '../../../../../src-contract/index.ts';
import { FeedNeighbours } from '../../../../lists/feed/FeedNeighbours.tsx';
import { api } from '../../../../rpc/client.ts';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { JsonViewer } from '../../../../ui/JsonViewer.tsx';
import { exactTime } from '../../../../ui/moment.ts';
import { ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { placesOf } from '../model/event-links.ts';
import { summaryOf } from '../model/event-summary.ts';
import { PlaceLink } from './PlaceLink.tsx';
import { TypeBadge } from './TypeBadge.tsx';

export interface EventDrawerProps {
  event_id: string;
  /** Those that are shown, newest first: for the way to the next. */
  rows: readonly EventEnvelope[];
  onOpen(event_id: string): void;
  onClose(): void;
}

export function EventDrawer({ event_id, rows, onOpen, onClose }: EventDrawerProps) {
  const shown = rows.find(({ id }) => id === event_id);
  // An event never changes: what is shown need not be asked for.
  const query = useQuery(
    api.events.get.queryOptions({
      input: { event_id },
      enabled: shown === undefined,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  );
  const event = shown ?? query.data;
  return (
    <Drawer
      label="Event details"
      onClose={onClose}
      heading={
        <>
          {event && <TypeBadge type={event.type} />}
          <h3 className="one-line flex-1 text-faint text-xs">Event {event_id}</h3>
          <FeedNeighbours what="event" id={event_id} rows={rows} onOpen={onOpen} />
        </>
      }
    >
      {event ? (
        <Details key={event.id} event={event} />
      ) : query.isError ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <SkeletonRows rows={8} />
      )}
    </Drawer>
  );
}

function Details({ event }: { event: EventEnvelope }) {
  const places = placesOf(event);
  return (
    <div
      role="region"
      aria-label="The event"
      tabIndex={0}
      className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4 focus-visible:-outline-offset-2"
    >
      <p dir="auto" className="text-[14px] [overflow-wrap:anywhere]">
        {summaryOf(event)}
      </p>
      <Facts event={event} />
      {places.length > 0 && (
        <section className="space-y-1">
          <h4 className="font-semibold text-muted text-xs">What it is about</h4>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
            {places.map((place) => (
              <DetailRow key={JSON.stringify(place)} name={place.name}>
                <PlaceLink place={place} user_id={event.user_id} />
              </DetailRow>
            ))}
          </dl>
        </section>
      )}
      <section className="space-y-1">
        <div className="flex items-center gap-1">
          <h4 className="font-semibold text-muted text-xs">Payload</h4>
          <CopyButton text={() => JSON.stringify(event.payload, null, 2)} what="Copy the payload" />
        </div>
        {/* Checked as JSON on its way in. */}
        <JsonViewer value={event.payload as JsonObject} label="Payload" />
      </section>
      <CopyEvent event={event} />
    </div>
  );
}

function Facts({ event }: { event: EventEnvelope }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
      <DetailRow name="When">
        <Ago time={event.created_at} /> <span className="text-faint">· {exactTime(event.created_at)}</span>
      </DetailRow>
      <DetailRow name="Type">
        <Link
          to="/events"
          search={{ type: [event.type], event: event.id }}
          title="Show only events of this type"
          className="font-mono text-accent-text text-xs underline underline-offset-2"
        >
          {visibleText(event.type)}
        </Link>
      </DetailRow>
      <DetailRow name="User">
        {event.user_id === null ? (
          <span className="text-faint">of no user, or of several</span>
        ) : (
          <User user_id={event.user_id} event_id={event.id} />
        )}
      </DetailRow>
      <DetailRow name="By">
        <bdi>{visibleText(event.actor)}</bdi>
      </DetailRow>
      <DetailRow name="Id">
        <span className="-my-1 flex items-center gap-1">
          {event.id}
          <CopyButton text={event.id} what="Copy the id" />
        </span>
      </DetailRow>
      <DetailRow name="Organisation">
        <span className="font-mono text-xs">{event.org_id}</span>
      </DetailRow>
    </dl>
  );
}

function User({ user_id, event_id }: { user_id: string; event_id: string }) {
  return (
    <>
      <Link to="/memory" search={{ user: user_id }} className="text-accent-text underline underline-offset-2">
        <bdi>{visibleText(user_id)}</bdi>
      </Link>{' '}
      <Link
        to="/events"
        search={{ user: user_id, event: event_id }}
        className="whitespace-nowrap text-accent-text text-xs underline underline-offset-2"
      >
        only these events
      </Link>
    </>
  );
}

function CopyEvent({ event }: { event: EventEnvelope }) {
  const status = useQuery(api.app.status.queryOptions());
  const url = status.data?.api.url ?? 'http://127.0.0.1:8181';
  return (
    <section className="space-y-1">
      <h4 className="font-semibold text-muted text-xs">Take it along</h4>
      <div className="flex gap-2">
        <CopyButton text={() => JSON.stringify(event, null, 2)} label="Copy as JSON" />
        <CopyButton
          text={`curl -s ${url}/api/events/${event.id} -H "Authorization: Bearer $ARCHON_TOKEN"`}
          label="Copy as curl"
        />
      </div>
    </section>
  );
}
