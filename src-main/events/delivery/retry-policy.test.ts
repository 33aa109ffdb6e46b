import { expect, it } from 'vitest';
import { delayAfter } from './retry-policy.ts';

const policy = { first_seconds: 300, factor: 6, max_seconds: 7200, attempts: 5 };

it('waits 5 minutes, then six times as long, but never longer than 2 hours, and ends after the last attempt', () => {
  const minutes = [1, 2, 3, 4, 5].map((failed) => {
    const ms = delayAfter(policy, failed);
    return ms === undefined ? undefined : ms / 60_000;
  });
  expect(minutes).toEqual([5, 30, 120, 120, undefined]);
});
