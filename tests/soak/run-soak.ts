/** A whole soak: everything is started, written and read while faults strike, let recover, read back and judged. */
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../support/delivery-nodes.ts';
import { checkSoak, type Promises, partsAgain, type SoakVerdict, type StruckFault, wellAgain } from './checker.ts';
import { HealthWatch } from './health-watch.ts';
import { type Leftovers, readLeftovers } from './leftovers.ts';
import { type RequestKind, SoakClient, type Tally } from './soak-client.ts';
import { planDrill, planSoak, type Service, type SoakFault, type SoakFaultKind } from './soak-plan.ts';
import { SoakReaders } from './soak-readers.ts';
import { openSoakStage, type SoakStage, type SoakStore } from './soak-stage.ts';
import { SoakWriters } from './soak-writers.ts';

/** Everything written by now is settled once nothing waits anywhere. */
const SETTLED_WITHIN_MS = 120_000;
/** The load runs as long before the first fault, so that everything is warm. */
const WARM_UP_MS = 2000;

export interface SoakOptions {
  store: SoakStore;
  seed: number;
  /** Which faults strike: some at random for so long, or the drill to its end. */
  faults: { kind: 'random'; seconds: number; shortest_ms?: number; longest_ms?: number } | { kind: 'drill' };
  promises?: Partial<Promises>;
  /** Hears of each step. */
  tell?: (line: string) => void;
}

export interface SoakReport {
  store: SoakStore;
  seed: number;
  seconds: number;
  promises: Promises;
  faults: readonly StruckFault[];
  tallies: ReadonlyMap<RequestKind, Tally>;
  resident_mb: { begin: number | undefined; end: number | undefined };
  verdict: SoakVerdict;
}

const PROMISES: Promises = {
  request_seconds: 10,
  look_seconds: 2,
  slack_seconds: 3,
  recovery_seconds: 60,
  blind_seconds: 3,
  breaker_seconds: 25,
};

export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { store, seed, tell = () => {} } = options;
  const promises = { ...PROMISES, ...options.promises };
  const began = performance.now();
  const stage = await openSoakStage(store, promises.request_seconds);
  try {
    const client = new SoakClient(stage.door);
    const watch = new HealthWatch(client);
    const writers = new SoakWriters(client, seed);
    await wait(WARM_UP_MS);
    const readers = new SoakReaders(client, seed);
    const begin = stage.residentMegabytes();
    const faults = await strikeAtRandom(stage, watch, options, promises);
    await Promise.all([writers.stop(), readers.stop()]);
    tell('nothing is written or struck any more; waiting until all is settled');
    const troubles: string[] = [];
    const leftovers = await settledLeftovers(client, tell).catch((error: unknown) => {
      troubles.push(`what is stored cannot be told: ${error instanceof Error ? error.message : error}`);
      return { stored: new Map(), told: new Map(), refused: [] } satisfies Leftovers;
    });
    await watch.stop();
    const end = stage.residentMegabytes();
    troubles.unshift(...(await stage.stop()), ...client.complaints, ...writers.complaints);
    const verdict = checkSoak({
      promises,
      acknowledged: writers.acknowledged,
      ...leftovers,
      tallies: client.tallies,
      faults,
      samples: watch.samples,
      troubles,
    });
    return {
      store,
      seed,
      seconds: Math.round((performance.now() - began) / 1000),
      promises,
      faults,
      tallies: client.tallies,
      resident_mb: { begin, end },
      verdict,
    };
  } finally {
    await stage.remove();
  }
}

async function strikeAtRandom(
  stage: SoakStage,
  watch: HealthWatch,
  { seed, faults: wanted, tell = () => {} }: SoakOptions,
  { recovery_seconds }: Promises,
): Promise<StruckFault[]> {
  const faults: StruckFault[] = [];
  const over_ms = wanted.kind === 'random' ? performance.now() + wanted.seconds * 1000 : Number.POSITIVE_INFINITY;
  /** Struck, and not seen well yet. */
  let open: StruckFault[] = [];
  const recover = async () => {
    for (const fault of open) {
      fault.well_ms = await untilWell(watch, fault, recovery_seconds);
      fault.parts_ms = partsAgain(watch.samples, fault);
    }
    open = [];
  };
  for (const fault of planOf(wanted, seed, stage.services)) {
    if (!fault.presses) await recover();
    await wait(fault.pause_ms);
    if (performance.now() >= over_ms) break;
    tell(describeFault(fault));
    const struck = await strikeOnce(stage, fault);
    // One that is struck again before it is well is judged by its last fault.
    open = [...open.filter(({ services }) => !services.some((one) => fault.services.includes(one))), struck];
    faults.push(struck);
  }
  await recover();
  return faults;
}

function planOf(wanted: SoakOptions['faults'], seed: number, services: readonly Service[]): Generator<SoakFault> {
  if (wanted.kind === 'drill') return planDrill(services);
  const { shortest_ms = 2000, longest_ms = 30_000 } = wanted;
  return planSoak({ seed, services, shortest_ms, longest_ms });
}

async function strikeOnce(stage: SoakStage, fault: SoakFault): Promise<StruckFault> {
  const { kind, services } = fault;
  let began_ms = 0;
  await stage.strike(fault, () => {
    began_ms = performance.now();
  });
  return { kind, services, began_ms, ended_ms: performance.now(), well_ms: undefined };
}

async function untilWell(watch: HealthWatch, fault: StruckFault, limit_seconds: number): Promise<number | 'never'> {
  const left_ms = limit_seconds * 1000 - (performance.now() - fault.ended_ms);
  const well = () => wellAgain(watch.samples, fault);
  await until('everything is well', () => well() !== undefined, Math.max(0, left_ms)).catch(() => {});
  return well() ?? 'never';
}

/** Reads back once nothing waits: no write in the journal, no event of a session on its way to the log. */
async function settledLeftovers(client: SoakClient, tell: (line: string) => void): Promise<Leftovers> {
  await until(
    'nothing waits',
    async () => {
      const told = await client.ask('read back', '/api/status');
      return told?.status === 200 && told.body.events_waiting === 0 && told.body.writes_waiting === 0;
    },
    SETTLED_WITHIN_MS,
  );
  tell('all is settled; reading back');
  return await readLeftovers(client);
}

export function describeFault(fault: { kind: SoakFaultKind; services: readonly Service[]; lasts_ms: number }): string {
  return `${fault.services.join(' and ')}: ${fault.kind.replace('_', ' ')} for ${(fault.lasts_ms / 1000).toFixed(1)} s`;
}
