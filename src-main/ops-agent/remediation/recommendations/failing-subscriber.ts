/** Dead letters that are nearly all of one subscriber: its receiver is what is to be looked at. */
import { type Advisor, facts, percent } from './advisor.ts';

const MANY = 20;
const PART = 0.8;

export const failingSubscriber: Advisor = {
  name: 'failing-subscriber',
  of: 'organisation',
  look: async ({ sources, scope }) => {
    const open = await sources.delivery.deadLetters.open(scope);
    const all = open.reduce((sum, { dead }) => sum + dead, 0);
    return open
      .filter(({ dead }) => dead >= MANY && dead / all >= PART)
      .map(({ subscriber, dead, oldest_dead_at }) => ({
        id: `failing-subscriber:${subscriber}`,
        title: `${subscriber} does not take its events`,
        detail:
          'Nearly all dead letters are of this subscriber. See at its receiver why it refuses them; then replay them, or discard those that nobody needs.',
        impact: 'high' as const,
        evidence: facts({
          'Dead letters': `${dead} of ${all} (${percent((100 * dead) / all)})`,
          'The oldest since': oldest_dead_at,
        }),
        statement: null,
        apply: { remediator: 'event-replay' as const, target: { subscriber } },
      }));
  },
};
