/** Types of events by what they are about: for the filter, and for the colour of a row. */
import { EVENT_TYPES, type EventType } from '../../../src-contract/events.ts';
import type { Tone } from '../../ui/Badge.tsx';

export const FAMILIES = [
  'Sessions',
  'Working memory',
  'Long-term memory',
  'Users',
  'Workers',
  'Delivery',
  'System',
] as const;
export type Family = (typeof FAMILIES)[number];

const FAMILY_OF: Record<EventType, Family> = {
  'memory.session.created': 'Sessions',
  'memory.session.updated': 'Sessions',
  'memory.session.deleted': 'Sessions',
  'memory.session.expired': 'Sessions',
  'memory.message.added': 'Sessions',
  'memory.context.assembled': 'Sessions',
  'memory.working.created': 'Working memory',
  'memory.working.updated': 'Working memory',
  'memory.working.deleted': 'Working memory',
  'memory.working.restored': 'Working memory',
  'memory.longterm.created': 'Long-term memory',
  'memory.longterm.updated': 'Long-term memory',
  'memory.longterm.superseded': 'Long-term memory',
  'memory.longterm.deleted': 'Long-term memory',
  'memory.longterm.restored': 'Long-term memory',
  'memory.link.created': 'Long-term memory',
  'memory.link.removed': 'Long-term memory',
  'memory.imported': 'Users',
  'memory.user.erased': 'Users',
  'settings.changed': 'System',
  'worker.run.started': 'Workers',
  'worker.run.succeeded': 'Workers',
  'worker.run.failed': 'Workers',
  'worker.state.changed': 'Workers',
  'event.delivery.dead': 'Delivery',
  'event.delivery.resolved': 'Delivery',
  'system.breaker.changed': 'System',
  'system.events.dropped': 'System',
  'system.journal.drained': 'System',
  'system.journal.refused': 'System',
};

const TONES: Record<Family, Tone> = {
  Sessions: 'session',
  'Working memory': 'working',
  'Long-term memory': 'longterm',
  Users: 'accent',
  Workers: 'ok',
  Delivery: 'plain',
  System: 'warn',
};
/** Something went wrong: that is more than what it is about. */
const FAULTS: ReadonlySet<string> = new Set<EventType>([
  'worker.run.failed',
  'event.delivery.dead',
  'system.events.dropped',
  'system.journal.refused',
]);

/** Another version of Archon may know more types than this page. */
export const isEventType = (type: string): type is EventType => Object.hasOwn(FAMILY_OF, type);

export const typesOf = (family: Family): EventType[] => EVENT_TYPES.filter((type) => FAMILY_OF[type] === family);

export function toneOf(type: string): Tone {
  if (FAULTS.has(type)) return 'bad';
  return isEventType(type) ? TONES[FAMILY_OF[type]] : 'plain';
}
