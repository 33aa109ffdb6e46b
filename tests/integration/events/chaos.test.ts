/** The short form of `npm run chaos`, on PostgreSQL; every night it is longer, and on the embedded database too: everything that can be killed is killed at random while events are published. */
import { describe, expect, it } from 'vitest';
import { describeReport, killsOf } from '../../chaos/report.ts';
import { runChaos } from '../../chaos/run-chaos.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';

const KILLS = 8;
/** The same faults each time; `npm run chaos` takes new ones. */
const SEED = 7;

describe('kills at random', () => {
  it.skipIf(!postgresAvailable)(
    `lose nothing of what was acknowledged (${KILLS} of them)`,
    { timeout: 1_500_000 },
    async () => {
      const report = await runChaos({ store: 'postgres', seed: SEED, kills: KILLS, minutes: 5 });
      const { verdict } = report;
      // The whole report, so that a failure tells what happened.
      expect(verdict.faults, describeReport(report)).toEqual([]);
      expect({ kills: killsOf(report), lost: verdict.lost, limbo: verdict.limbo }).toEqual({
        kills: KILLS,
        lost: 0,
        limbo: 0,
      });
      for (const { name, dead, poisoned } of verdict.subscribers) {
        expect({ name, dead }).toEqual({ name, dead: poisoned });
        expect(poisoned).toBeGreaterThan(0);
      }
      expect(verdict.acknowledged).toBeGreaterThanOrEqual(KILLS * 30);
    },
  );
});
