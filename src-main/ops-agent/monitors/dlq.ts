/** Dead letters that nobody has dealt with. */
import { ageSeconds } from './age.ts';
import { type Monitor, observed } from './monitor.ts';
import type { MonitorsDeps } from './monitors.ts';

/** Subscribers told of, those with most letters first: every webhook is one. */
const MOST_SUBSCRIBERS = 50;

export function dlqMonitor({
  clock,
  sources: { delivery },
}: Pick<MonitorsDeps, 'clock'> & { sources: Sources }): Monitor {
  return {
    monitor: 'dlq',
    title: 'Dead letters',
    timeout_ms: 5000,
    looks: [
      {
        signals: ['dead_letters', 'dead_letters_of_subscriber', 'dead_letters_age_seconds'],
        ask: async (scope) => {
          const letters = await delivery.deadLetters.open(scope);
          const most = letters.toSorted((a, b) => b.dead - a.dead).slice(0, MOST_SUBSCRIBERS);
          const oldest_at = letters.map(({ oldest_dead_at }) => oldest_dead_at).sort()[0] ?? null;
          return [
            observed(
              'dead_letters',
              letters.reduce((sum, { dead }) => sum + dead, 0),
            ),
            observed('dead_letters_age_seconds', ageSeconds(oldest_at, clock)),
            ...most.map(({ subscriber, dead }) => observed('dead_letters_of_subscriber', dead, { subscriber })),
          ];
        },
      },
    ],
  };
}

interface Sources {
  delivery: { deadLetters: Pick<MonitorsDeps['sources']['delivery']['deadLetters'], 'open'> };
}
