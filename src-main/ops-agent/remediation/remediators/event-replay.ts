/** Gives dead letters to their subscribers again, at a rate that they can take. */
import type { DeadLetterSelection, OpsFact, OpsLabels, ReplayRun } from '../../../../src-contract/index.ts';
import type { OpenLetters } from '../../../events/delivery/dead-letters.ts';
import { webhookOf } from '../../../events/delivery/webhooks/webhook-names.ts';
import type { Scope } from '../../../identity/scope.ts';
import type { OpsSources } from '../../deps.ts';
import { type Done, type Finding, fact, type Remediator } from '../remediator.ts';

/** Letters a second, of each subscriber. */
const PER_SECOND = 10;
/** So many that failed again, and more than those that were taken: the rest is not tried. */
const ENOUGH_FAILED = 10;
/** For the last attempts, beyond the time that the rate takes. */
const PATIENCE_MS = 5 * 60_000;

interface Letters extends OpenLetters {
  /** Why they are not tried; null when they are. */
  left: string | null;
}

interface Sources {
  delivery: Pick<OpsSources['delivery'], 'deadLetters' | 'replays' | 'replayLog' | 'events'>;
  resilience: Pick<OpsSources['resilience'], 'list'>;
  /** Whether events are delivered from this process. */
  has_workers?: boolean;
}

export function eventReplay({ delivery, resilience, has_workers = true }: Sources): Remediator {
  const { deadLetters, replays, replayLog, events } = delivery;
  return {
    name: 'event-replay',
    title: 'Replay dead letters',
    precondition: 'There are dead letters of a subscriber that is served here and whose circuit breaker is closed.',
    effect: `Gives them to their subscribers again, the oldest first, ${PER_SECOND} a second. What has not begun is taken back when they fail again.`,
    risk: 'medium',
    verification: 'At least as many are delivered as fail again.',
    done_by: 'anybody',
    // An agent that runs alone delivers nothing, and a letter is given to whoever serves its subscriber.
    can_here: has_workers,
    limit_ms: 120_000,
    targetOf: ({ subscriber }): OpsLabels => (subscriber === undefined ? {} : { subscriber }),
    targets: async (scope) => {
      const letters = await lettersOf(scope, {});
      const all = letters.reduce((sum, { dead }) => sum + dead, 0);
      return [
        { target: {}, title: 'All dead letters', detail: `${all} dead letters`, blocked: whyNot(letters) },
        ...letters.map((one) => ({
          target: { subscriber: one.subscriber },
          title: one.subscriber,
          detail: `${one.dead} dead letters`,
          blocked: whyNot([one]),
        })),
      ];
    },
    look: async (scope, target) => {
      const letters = await lettersOf(scope, target);
      return {
        what: `Give ${takenOf(letters)} dead letters to their subscribers again, ${PER_SECOND} a second.`,
        facts: factsOf(letters),
        blocked: whyNot(letters),
      };
    },
    run: async (scope, target, signal) => {
      const letters = (await lettersOf(scope, target)).filter(({ left }) => left === null);
      const runs: ReplayRun[] = [];
      for (const { subscriber } of letters) {
        signal.throwIfAborted();
        const select: DeadLetterSelection = { by: 'filter', filter: { subscriber } };
        runs.push(await replays.replayMany(scope, { select, per_second: PER_SECOND }));
      }
      return begun(scope, runs);
    },
  };

  async function lettersOf(scope: Scope, { subscriber }: OpsLabels): Promise<Letters[]> {
    const open = await deadLetters.open(scope);
    const chosen = subscriber === undefined ? open : open.filter((one) => one.subscriber === subscriber);
    return chosen.map((one) => ({ ...one, left: whyLeft(scope, one.subscriber) }));
  }

  function whyLeft(scope: Scope, subscriber: string): string | null {
    if (!events.serves(scope, subscriber)) return 'nobody would take them: it is switched off or was removed';
    const id = webhookOf(subscriber);
    const breaker = resilience.list(scope).find(({ name }) => name === `webhook:${id}`);
    return breaker && breaker.state.state !== 'closed' ? 'its circuit breaker is not closed' : null;
  }

  function begun(scope: Scope, runs: readonly ReplayRun[]): Done {
    const total = runs.reduce((sum, run) => sum + run.total, 0);
    const slowest = Math.max(0, ...runs.map((run) => run.total));
    return {
      outcome: `${total} dead letters are given to their subscribers again.`,
      within_ms: (slowest / PER_SECOND) * 1000 + PATIENCE_MS,
      check: async () => {
        const now = await Promise.all(runs.map(({ id }) => replayLog.run(scope, id)));
        const hopeless = now.filter(
          ({ waiting, failed, resolved }) => waiting > 0 && failed >= ENOUGH_FAILED && failed > resolved,
        );
        for (const { id } of hopeless) await replays.cancel(scope, id);
        return judge(hopeless.length === 0 ? now : await Promise.all(runs.map(({ id }) => replayLog.run(scope, id))));
      },
    };
  }
}

const takenOf = (letters: readonly Letters[]): number =>
  letters.reduce((sum, { dead, left }) => (left === null ? sum + dead : sum), 0);

const factsOf = (letters: readonly Letters[]): OpsFact[] => [
  fact(
    'Dead letters',
    letters.reduce((sum, { dead }) => sum + dead, 0),
  ),
  ...letters.map(({ subscriber, dead, left }) => fact(subscriber, left === null ? dead : `${dead} (left: ${left})`)),
];

function whyNot(letters: readonly Letters[]): string | null {
  if (letters.length === 0) return 'There are no dead letters.';
  if (letters.some(({ left }) => left === null)) return null;
  return `None of them would be taken: ${letters.map(({ subscriber, left }) => `${subscriber}: ${left}`).join('; ')}.`;
}

function judge(runs: readonly ReplayRun[]): Finding {
  const sum = (key: 'waiting' | 'resolved' | 'failed' | 'cancelled') => runs.reduce((all, run) => all + run[key], 0);
  const [waiting, resolved, failed, cancelled] = [sum('waiting'), sum('resolved'), sum('failed'), sum('cancelled')];
  if (waiting > 0) return { verdict: 'not_yet' };
  const back = cancelled > 0 ? `, ${cancelled} were taken back` : '';
  return {
    verdict: resolved > 0 && resolved >= failed ? 'helped' : 'did_not_help',
    outcome: `${resolved} dead letters were delivered, ${failed} failed again${back}.`,
  };
}
