import { describe, expect, it } from 'vitest';
import type { OpsStatus } from '../../../../../src-contract/index.ts';
import { sampleStatus } from '../../../../../tests/support/ops-samples.ts';
import { statusEveryMs } from './status-pace.ts';

const READ_AT = Date.parse('2026-11-30T12:00:00Z');
const MOST_MS = 10_000;
const waiting = (next_round_at: string) =>
  statusEveryMs(sampleStatus({ agent: { state: 'waiting', next_round_at } }), READ_AT, MOST_MS);

describe('the status of the agent is asked for again', () => {
  it('just after its next look', () => {
    expect(waiting('2026-11-30T12:00:04Z')).toBe(4500);
  });

  it('in time for what other people change, when its next look is far away', () => {
    expect(waiting('2026-11-30T12:01:00Z')).toBe(MOST_MS);
  });

  it('not in a hurry when the clock of the engine is behind', () => {
    expect(waiting('2026-11-30T11:00:00Z')).toBe(2000);
  });

  it('soon while it looks, and slowly when others look or nobody does', () => {
    const since = '2026-11-30T12:00:00Z';
    const pace = (agent: OpsStatus['agent']) => statusEveryMs(sampleStatus({ agent }), READ_AT, MOST_MS);
    expect(pace({ state: 'working', since, doing: 'Looking' })).toBe(2000);
    expect(pace({ state: 'off', reason: 'It is switched off here.' })).toBe(MOST_MS);
    expect(pace({ state: 'following', leader: 'ada' })).toBe(MOST_MS);
    expect(statusEveryMs(undefined, READ_AT, MOST_MS)).toBe(MOST_MS);
  });
});
