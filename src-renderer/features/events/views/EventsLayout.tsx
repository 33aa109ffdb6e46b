/** Events: what happens, who gets it, and what could not be delivered. */
import { PageOfParts } from '../../../app/PageOfParts.tsx';
import { EVENT_PARTS } from '../../../app/pages.ts';

export const EventsLayout = () => <PageOfParts title="Events" parts={EVENT_PARTS} />;
