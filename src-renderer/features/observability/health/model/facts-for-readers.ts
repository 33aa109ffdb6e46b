import { localTimes } from '../../../../ui/content/local-times.ts';
import type { HealthFacts } from './alerts.ts';

/** The same, with the times in what the engine says as the reader's clock has them. */
export function forReaders({ health, breakers, journal }: HealthFacts): HealthFacts {
  const words = (text: string | null): string | null => (text === null ? null : localTimes(text));
  return {
    health: {
      ...health,
      components: health.components.map((component) => ({
        ...component,
        detail: localTimes(component.detail),
        last_error: component.last_error && {
          ...component.last_error,
          message: localTimes(component.last_error.message),
        },
      })),
    },
    breakers: breakers?.map((breaker) =>
      breaker.state.state === 'open'
        ? { ...breaker, state: { ...breaker.state, error: localTimes(breaker.state.error) } }
        : breaker,
    ),
    journal: journal && {
      ...journal,
      database: { ...journal.database, error: words(journal.database.error) },
      sessions: { ...journal.sessions, error: words(journal.sessions.error) },
    },
  };
}
