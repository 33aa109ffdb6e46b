import { EVENT_TYPES, type EventType } from '../../../src-contract/events.ts';

export interface EventGroup {
  name: string;
  types: EventType[];
}

const NAMES: Readonly<Record<string, string>> = {
  'memory.session': 'Sessions',
  'memory.message': 'Messages',
  'memory.context': 'Contexts',
  'memory.working': 'Working memory',
  'memory.longterm': 'Long-term memory',
  'memory.link': 'Links',
  memory: 'All of memory',
  settings: 'Settings',
  worker: 'Workers',
  event: 'Delivery of events',
  webhook: 'Webhooks',
  system: 'System',
};

/** What an event type belongs to: the first part of its name, and for memories the second. */
function groupOf(type: string): string {
  const parts = type.split('.');
  return parts[0] === 'memory' && parts.length > 2 && NAMES[`memory.${parts[1]}`]
    ? `memory.${parts[1]}`
    : (parts[0] ?? '');
}

/** All event types, those that belong together in one group, in the order of the contract. */
export function eventGroups(types: readonly EventType[] = EVENT_TYPES): EventGroup[] {
  const groups = new Map<string, EventGroup>();
  for (const type of types) {
    const key = groupOf(type);
    const group = groups.get(key) ?? { name: NAMES[key] ?? key, types: [] };
    groups.set(key, group);
    group.types.push(type);
  }
  return [...groups.values()];
}
