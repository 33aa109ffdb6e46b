/** Tests the service behind a breaker that is open. The breaker closes when the service answers, and never otherwise. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Breaker, OpsLabels } from '../../../../src-contract/index.ts';
import { assertNever } from '../../../errors.ts';
import type { Scope } from '../../../identity/scope.ts';
import { webhookOf } from '../../../resilience/webhook-dependencies.ts';
import type { OpsSources } from '../../deps.ts';
import { type Done, fact, type Look, type Remediator } from '../remediator.ts';
import { operatorOnly } from './operator-only.ts';
import { rootCause } from './root-cause.ts';

/** A client may just be connecting anew: one test that fails says little. */
const TESTS = 4;
const BETWEEN_TESTS_MS = 1500;
/** The breaker of what a component is. */
const BREAKER_OF: Readonly<Record<string, string>> = { database: 'postgres', sessions: 'redis' };

export function circuitBreakerReset(sources: Pick<OpsSources, 'resilience' | 'delivery'>, node: string): Remediator {
  const { resilience, delivery } = sources;
  const find = (scope: Scope, { breaker }: OpsLabels) => resilience.list(scope).find(({ name }) => name === breaker);
  return {
    name: 'circuit-breaker-reset',
    title: 'Test and close a circuit breaker',
    precondition: 'The breaker is open or being tried, nobody isolated it, and its service can be tested.',
    effect:
      'Tests the service, a few times within some seconds; the receiver of a webhook is sent one test event. When it answers, the breaker closes and calls go through; otherwise nothing changes and the root cause is named.',
    risk: 'low',
    verification: 'The service answers, and the breaker is closed.',
    done_by: 'process',
    limit_ms: 30_000,
    targetOf: ({ breaker, component, node: of }) => {
      const name = breaker ?? (component === undefined ? undefined : BREAKER_OF[component]);
      return name === undefined ? undefined : { breaker: name, node: of ?? node };
    },
    targets: async (scope) =>
      resilience
        .list(scope)
        .filter((breaker) => breaker.in_use && mayTouch(scope, breaker) === null && breaker.name !== 'webhook')
        .map((breaker) => ({
          target: { breaker: breaker.name, node },
          title: breaker.name,
          detail: stateInWords(breaker.state),
          blocked: whyNot(breaker),
        })),
    look: async (scope, target) => lookAt(scope, target, find(scope, target)),
    run: async (scope, target, signal) => {
      const name = target.breaker ?? '';
      const failed = await (webhookOf(name) === undefined ? probe(scope, name, signal) : testWebhook(scope, name));
      return found(scope, target, failed);
    },
  };

  /** @returns what it failed with */
  async function probe(scope: Scope, name: string, signal: AbortSignal): Promise<string | undefined> {
    for (let left = TESTS; ; left -= 1) {
      const { outcome } = await resilience.probe(scope, name);
      if (outcome.kind === 'answered') return undefined;
      if (left === 1) return outcome.reason;
      await wait(BETWEEN_TESTS_MS, undefined, { signal });
    }
  }

  /** Its receiver is sent a test event: there is no other way to know. */
  async function testWebhook(scope: Scope, name: string): Promise<string | undefined> {
    const { outcome } = await delivery.webhooks.test(scope, webhookOf(name) ?? '');
    if (outcome.kind === 'accepted') return undefined;
    return outcome.kind === 'failed' ? outcome.reason : `it answered with status ${outcome.status}`;
  }

  function found(scope: Scope, target: OpsLabels, failed: string | undefined): Done {
    const service = find(scope, target)?.service ?? (target.breaker?.startsWith('webhook:') ? 'webhook' : undefined);
    const isClosed = () => (find(scope, target)?.state.state ?? 'closed') === 'closed';
    const cause = failed !== undefined && service ? rootCause(service, failed) : undefined;
    const outcome =
      failed === undefined
        ? `${target.breaker} answered the test, so its breaker was closed.`
        : `${target.breaker} did not pass the test: its breaker stays as it was.`;
    return {
      outcome,
      ...(cause === undefined ? {} : { cause }),
      within_ms: 0,
      // One that closed by itself, though the test failed, was not closed by this.
      check: async () => ({ verdict: failed === undefined && isClosed() ? 'helped' : 'did_not_help' }),
    };
  }
}

const mayTouch = (scope: Scope, { service }: Breaker): string | null =>
  service === 'webhook' ? null : operatorOnly(scope);

function lookAt(scope: Scope, { breaker: name = '' }: OpsLabels, breaker: Breaker | undefined): Look {
  const what = `Test ${name}, and close its breaker when it answers.`;
  // Breakers of webhooks are told of only while there is something to tell.
  if (!breaker) return { what, facts: [], blocked: `No breaker with the name "${name}" has had failures.` };
  const { failed, refused } = breaker.counts;
  const facts = [
    fact('State', stateInWords(breaker.state)),
    ...(breaker.state.state === 'open' ? [fact('Failed with', breaker.state.error)] : []),
    fact('Calls that failed', failed),
    fact('Calls that were not made', refused),
  ];
  return { what, facts, blocked: mayTouch(scope, breaker) ?? whyNot(breaker) };
}

function whyNot({ state, in_use, probe, service }: Breaker): string | null {
  switch (state.state) {
    case 'closed':
      return 'It is closed.';
    case 'isolated':
      return `${state.by} isolated it (${state.reason}): only a person releases it.`;
    case 'open':
    case 'half_open':
      if (!in_use) return 'This process has no such service.';
      return probe || service === 'webhook' ? null : 'It can only be tested by giving it work: a person may reset it.';
    default:
      return assertNever(state);
  }
}

function stateInWords(state: Breaker['state']): string {
  switch (state.state) {
    case 'closed':
      return 'closed';
    case 'open':
      return `open since ${state.since}`;
    case 'half_open':
      return `being tried since ${state.since}`;
    case 'isolated':
      return `isolated since ${state.since} by ${state.by}`;
    default:
      return assertNever(state);
  }
}
