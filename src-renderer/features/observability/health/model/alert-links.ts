/** Addresses that explain a warning. */
import type { LogComponent } from '../../../../../src-contract/logs.ts';
import type { HealthSearch } from '../health-search.ts';
import type { Alert, AlertPlace } from './alerts.ts';
import type { ComponentName } from './service-words.ts';

/** The part of the health page that a place is. */
export function searchOf(place: AlertPlace): HealthSearch {
  switch (place.kind) {
    case 'component':
      return { component: place.component };
    case 'breaker':
      return { breaker: place.breaker };
    case 'refused':
      return { refused: true };
    case 'queues':
      return {};
  }
}

/** Of the part of the page that has no details of its own. */
export const QUEUES_ID = 'queues';
export const hashOf = (place: AlertPlace): string => (place.kind === 'queues' ? QUEUES_ID : '');

/** What the figures of the last hour are asked with. */
export const LAST_HOUR: { range: '1h' } = { range: '1h' };

/** What the log is asked for: everything that was not as it should be, of the parts of Archon that the warning is about. */
export function logsSearchOf({ place }: Pick<Alert, 'place'>): { level: 'warn'; component: LogComponent[] } {
  return { level: 'warn', component: [...componentsOf(place)] };
}

function componentsOf(place: AlertPlace): readonly LogComponent[] {
  switch (place.kind) {
    case 'component':
      return LOGGED_BY[place.component];
    case 'breaker':
      return place.breaker.startsWith('webhook') ? ['resilience', 'delivery'] : ['resilience'];
    case 'refused':
    case 'queues':
      return ['journal'];
  }
}

const LOGGED_BY: Readonly<Record<ComponentName, readonly LogComponent[]>> = {
  database: ['storage', 'resilience', 'journal'],
  sessions: ['sessions', 'resilience', 'journal'],
  data_folder: ['storage', 'observability', 'backups'],
  event_log: ['events', 'storage'],
  delivery: ['delivery'],
  session_outbox: ['sessions', 'events'],
  workers: ['workers'],
  breakers: ['resilience'],
};
