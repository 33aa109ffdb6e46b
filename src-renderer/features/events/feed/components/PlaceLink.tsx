import { Link } from '@tanstack/react-router';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import type { EventPlace } from '../model/event-links.ts';

const LINK = 'text-accent-text underline underline-offset-2 [overflow-wrap:anywhere]';

/** @param user_id whose memory or session it is, where the event says so */
export function PlaceLink({ place, user_id }: { place: EventPlace; user_id: string | null }) {
  const user = user_id === null ? {} : { user: user_id };
  switch (place.place) {
    case 'memory': {
      const tab = place.tab === undefined ? {} : { tab: place.tab };
      return (
        <Link
          to="/memory"
          search={{ ...user, ...tab, memory: place.memory_id }}
          className={`${LINK} font-mono text-xs`}
        >
          {place.memory_id}
        </Link>
      );
    }
    case 'session':
      return (
        <Link to="/memory" search={{ ...user, tab: 'session', session: place.session_id }} className={LINK}>
          <bdi>{visibleText(place.session_id)}</bdi>
        </Link>
      );
    case 'event':
      return (
        <Link to="/events" search={(before) => ({ ...before, event: place.event_id })} className={LINK}>
          {place.event_id}
        </Link>
      );
    case 'dead-letter':
      return (
        <Link to="/events/dead-letters" search={{ letter: place.letter_id }} className={`${LINK} font-mono text-xs`}>
          {place.letter_id}
        </Link>
      );
    case 'webhook':
      return (
        <Link to="/events/webhooks" search={{ webhook: place.webhook_id }} className={`${LINK} font-mono text-xs`}>
          {place.webhook_id}
        </Link>
      );
    case 'worker':
      return (
        <Link to="/workers" search={{ worker: place.worker }} className={LINK}>
          {visibleText(place.worker)}
        </Link>
      );
  }
}
