import { describe, expect, it } from 'vitest';
import { LOCAL_ORG_ID } from '../../../identity/scope.ts';
import { cacheClear } from './cache-clear.ts';
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
