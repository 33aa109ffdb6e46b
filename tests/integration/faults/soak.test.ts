/** The short form of `npm run soak`: everything is written and read while the stores fail at random. */
import { describe, expect, it } from 'vitest';
import { describeSoak } from '../../soak/report.ts';
import { runSoak } from '../../soak/run-soak.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { redisAvailable } from '../../support/redis-server.ts';

/** The same faults each time; `npm run soak` takes new ones. */
const SEED = 3;
const SECONDS = 12;
/** How fast a machine is that has other things to do is not what is tested here: that nothing hangs is. */
const PATIENT = { slack_seconds: 60, recovery_seconds: 120, blind_seconds: 10, breaker_seconds: 60 };

describe.runIf(postgresAvailable && redisAvailable)('faults at random for some seconds', () => {
  it('lose nothing, and all comes back by itself', { timeout: 600_000 }, async () => {
    const report = await runSoak({
      store: 'postgres',
      seed: SEED,
      faults: { kind: 'random', seconds: SECONDS, shortest_ms: 1500, longest_ms: 3500 },
      promises: PATIENT,
    });
    const { verdict } = report;
    // The whole report, so that a failure tells what happened.
    expect(verdict.faults, describeSoak(report)).toEqual([]);
    expect(report.faults.length).toBeGreaterThan(0);
    expect(verdict.acknowledged.done).toBeGreaterThan(0);
    expect(verdict.found).toBe(verdict.acknowledged.done + verdict.acknowledged.queued);
  });
});
