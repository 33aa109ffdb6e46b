/** Addresses that explain a warning. */
import type { HealthSearch } from '../health-search.ts';
import type { Alert, AlertPlace } from './alerts.ts';

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

/** What the log is asked for: everything that was not as it should be, about what the warning is of. */
export function logsSearchOf({ place }: Pick<Alert, 'place'>): { level: 'warn'; q?: string } {
  const about =
    LOGGED_AS[place.kind === 'component' ? place.component : place.kind === 'breaker' ? place.breaker : 'journal'];
  return { level: 'warn', ...(about === undefined ? {} : { q: about }) };
}

const LOGGED_AS: Readonly<Record<string, string>> = {
  database: 'postgres',
  sessions: 'redis',
  workers: 'worker',
  journal: 'journal',
  postgres: 'postgres',
  redis: 'redis',
};
