/** A whole run: everything is started, killed at random while events are published, let run until quiet, and judged. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../support/delivery-nodes.ts';
import { check, type Verdict } from './checker.ts';
import { readEvidence, readLines, type Window } from './evidence.ts';
import { type Fault, type FaultKind, planFaults } from './fault-plan.ts';
import { LARGE_ACKNOWLEDGED, PUBLISHING } from './large-events.ts';
import { Operator } from './operator.ts';
import { Publisher } from './publisher.ts';
import { openStage, type Stage, type Store } from './stage.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

/** Acknowledgements between two faults, at least: each comes in the middle of publishing. */
const PUBLISHED_BETWEEN = 30;
const PUBLISHING_LIMIT_MS = 300_000;
/** The retries of what is poisoned take half a minute; a run that has lost nothing is quiet soon after. */
const QUIET_LIMIT_MS = 600_000;

export interface ChaosOptions {
  store: Store;
  seed: number;
  kills: number;
  /** After so long nothing more is killed. */
  minutes: number;
  /** Hears of each step. */
  tell?: (line: string) => void;
}

export interface ChaosReport {
  store: Store;
  seed: number;
  seconds: number;
  wanted_kills: number;
  kills: Partial<Record<FaultKind, number>>;
  requests: Publisher['counts'];
  large: number;
  verdict: Verdict;
}

export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { store, seed } = options;
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'archon-chaos-'));
  const receiver = await WebhookReceiver.start(seed);
  const stage = await openStage(store, { folder, seed, receiver: receiver.url });
  try {
    const operator = new Operator(stage.servers);
    const webhook = await operator.begin();
    const after = await operator.newestEvent();
    writeFileSync(join(folder, PUBLISHING), '');
    const publisher = new Publisher({ doors: () => operator.doors(), seed });
    const kills = await killAtRandom(stage, publisher, options).finally(() => publisher.stop());
    rmSync(join(folder, PUBLISHING));
    const tell = options.tell ?? (() => {});
    tell('nothing more is published or killed; waiting until all is quiet');
    const quiet = await untilQuiet(operator, tell);
    const ends = await stopAll(stage);
    const large = readLines(join(folder, LARGE_ACKNOWLEDGED));
    const verdict = await judge(stage, {
      folder,
      window: { after, to: quiet.to },
      taken: receiver.taken,
      webhook,
      acknowledged: [...publisher.acknowledged, ...large],
      outbox: quiet.outbox,
    });
    verdict.faults.unshift(...publisher.complaints, ...crashesOf(stage), ...ends);
    return {
      store,
      seed,
      seconds: Math.round((performance.now() - began) / 1000),
      wanted_kills: options.kills,
      kills,
      requests: publisher.counts,
      large: large.length,
      verdict,
    };
  } finally {
    await stage.remove();
    await receiver.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killAtRandom(
  stage: Stage,
  publisher: Publisher,
  { seed, kills, minutes, tell }: ChaosOptions,
): Promise<ChaosReport['kills']> {
  const deadline = performance.now() + minutes * 60_000;
  const done: ChaosReport['kills'] = {};
  for (const [at, fault] of planFaults({ seed, kinds: stage.kinds, kills }).entries()) {
    await untilPublished(publisher, fault);
    if (performance.now() > deadline) break;
    await stage.strike(fault);
    done[fault.kind] = (done[fault.kind] ?? 0) + 1;
    tell?.(`${at + 1}/${kills} ${fault.kind}; ${publisher.acknowledged.length} acknowledged`);
  }
  // What the last one did is seen by those who go on.
  await untilPublished(publisher, undefined);
  return done;
}

async function untilPublished({ acknowledged }: Publisher, next: Fault | undefined): Promise<void> {
  const before = acknowledged.length;
  await wait(next?.pause_ms ?? 0);
  const what = `events are published before the next fault (${next?.kind ?? 'none'})`;
  await until(what, () => acknowledged.length >= before + PUBLISHED_BETWEEN, PUBLISHING_LIMIT_MS);
}

/** @returns up to which event everybody should have everything, and what never came into the log */
async function untilQuiet(operator: Operator, tell: (line: string) => void): Promise<{ to: number; outbox: number }> {
  const limited = async (what: string, isSo: () => Promise<boolean>) => {
    // A question that is not answered is asked again: the database may just have come back.
    const isSoNow = () =>
      isSo().catch((error: unknown) => {
        tell(String(error));
        return false;
      });
    // Not being quiet in time is not an error here: what is left is found and told of by the checker.
    await until(what, isSoNow, QUIET_LIMIT_MS).catch((error: unknown) => tell(String(error)));
  };
  let outbox = 0;
  await limited('every event is in the log, and no worker runs', async () => {
    outbox = await operator.waitingForLog();
    return outbox === 0 && (await operator.activeRuns()) === 0;
  });
  const to = await operator.newestEvent();
  await limited('every event is delivered', () => operator.isDelivered(to));
  return { to, outbox };
}

/** Ends everything as an operator would. @returns what went wrong with that */
async function stopAll({ servers, worker }: Stage): Promise<string[]> {
  const faults: string[] = [];
  for (const kept of worker ? [worker, ...servers] : servers) {
    const code = await kept.stop();
    if (code !== 0) faults.push(`${kept.name} ended with ${code} when it was stopped`);
  }
  return faults;
}

interface Left {
  folder: string;
  window: Window;
  taken: ReadonlyMap<string, number>;
  webhook: string;
  acknowledged: readonly string[];
  outbox: number;
}

async function judge(stage: Stage, { acknowledged, outbox, ...left }: Left): Promise<Verdict> {
  const client = await stage.connect();
  try {
    return check({ acknowledged, outbox, ...(await readEvidence({ client, ...left })) });
  } finally {
    await client.end();
  }
}

const crashesOf = ({ servers, worker }: Stage): string[] =>
  [...servers, ...(worker ? [worker] : [])].flatMap(({ crashes }) => crashes);
