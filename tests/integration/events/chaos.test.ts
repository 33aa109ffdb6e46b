/** The short form of `npm run chaos`: everything that can be killed is killed at random while events are published. */
import { describe, expect, it } from 'vitest';
import { describeReport, killsOf } from '../../chaos/report.ts';
import { runChaos } from '../../chaos/run-chaos.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';

const RUNS = [
  { store: 'postgres', kills: 8, available: postgresAvailable },
  { store: 'embedded', kills: 4, available: true },
] as const;
/** The same faults each time; `npm run chaos` takes new ones. */
const SEED = 7;

describe.each(RUNS)('kills at random on $store', ({ store, kills, available }) => {
  it.skipIf(!available)(
    `lose nothing of what was acknowledged (${kills} of them)`,
    { timeout: 1_500_000 },
    async () => {
      const report = await runChaos({ store, seed: SEED, kills, minutes: 5 });
      const { verdict } = report;
      // The whole report, so that a failure tells what happened.
      expect(verdict.faults, describeReport(report)).toEqual([]);
      expect({ kills: killsOf(report), lost: verdict.lost, limbo: verdict.limbo }).toEqual({
        kills,
        lost: 0,
        limbo: 0,
      });
      for (const { name, dead, poisoned } of verdict.subscribers) {
        expect({ name, dead }).toEqual({ name, dead: poisoned });
        expect(poisoned).toBeGreaterThan(0);
      }
      expect(verdict.acknowledged).toBeGreaterThanOrEqual(kills * 30);
    },
  );
});
