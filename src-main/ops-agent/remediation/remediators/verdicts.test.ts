import { describe, expect, it } from 'vitest';
import { LOCAL_ORG_ID } from '../../../identity/scope.ts';
import type { OpsSources } from '../../deps.ts';
import { cacheClear } from './cache-clear.ts';
import { circuitBreakerReset } from './circuit-breaker-reset.ts';
import { judge } from './cleanup-run.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'ada' };
const signal = new AbortController().signal;

describe('emptying caches', () => {
  const verdictOf = async (entries: number, calm: boolean | undefined) => {
    const cache = { name: 'contexts', title: 'Contexts', entries: () => entries, clear: () => entries };
    const remediator = cacheClear({ caches: [cache], resilience: { states: () => [] } }, 'here');
    const done = await remediator.run(scope, { node: 'here' }, signal);
    return (await done.check(calm, signal)).verdict;
  };

  it('has helped when something was forgotten and the alert is over', async () => {
    expect(await verdictOf(3, true)).toBe('helped');
    expect(await verdictOf(3, false)).toBe('not_yet');
    expect(await verdictOf(3, undefined)).toBe('helped');
  });

  it('has not helped when there was nothing to forget, whatever became of the alert', async () => {
    for (const calm of [true, false, undefined]) expect(await verdictOf(0, calm)).toBe('did_not_help');
  });
});

describe('testing a receiver of a webhook', () => {
  const NAME = 'webhook:0199d3a0-0000-7000-8000-000000000001';
  const doneBy = async (outcome: object, state: 'open' | 'closed') => {
    const sources = {
      resilience: { list: () => [{ name: NAME, service: 'webhook', state: { state } }] },
      delivery: { webhooks: { test: async () => ({ outcome }) } },
    } as unknown as Pick<OpsSources, 'resilience' | 'delivery'>;
    const done = await circuitBreakerReset(sources, 'here').run(scope, { breaker: NAME, node: 'here' }, signal);
    return { ...done, verdict: (await done.check(undefined, signal)).verdict };
  };
  const failed = { kind: 'failed', reason: 'connect ECONNREFUSED 127.0.0.1:9' };

  it('has helped when it took the test and its breaker is closed', async () => {
    expect(await doneBy({ kind: 'accepted' }, 'closed')).toMatchObject({ verdict: 'helped' });
    expect(await doneBy({ kind: 'accepted' }, 'open')).toMatchObject({ verdict: 'did_not_help' });
  });

  it('has not helped when the test failed, also where the breaker closed meanwhile; the cause is named', async () => {
    for (const state of ['open', 'closed'] as const) {
      expect(await doneBy(failed, state)).toMatchObject({
        verdict: 'did_not_help',
        cause: expect.stringContaining('nobody listens at its port'),
      });
    }
  });
});

describe('cleaning up', () => {
  const verdictOf = (calm: boolean | undefined, over: boolean, anything: boolean) =>
    judge(calm, { over, told: 'It was done.', anything }).verdict;

  it.each([
    // calm, over, anything, verdict
    [true, true, true, 'helped'],
    [true, false, true, 'helped'],
    [true, false, false, 'not_yet'],
    [true, true, false, 'did_not_help'],
    [false, false, true, 'not_yet'],
    [false, true, true, 'not_yet'],
    [false, true, false, 'did_not_help'],
    [undefined, false, true, 'not_yet'],
    [undefined, true, true, 'helped'],
    [undefined, true, false, 'did_not_help'],
  ] as const)('alert over: %s, workers done: %s, something removed: %s → %s', (calm, over, anything, verdict) => {
    expect(verdictOf(calm, over, anything)).toBe(verdict);
  });
});
