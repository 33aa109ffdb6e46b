/**
 * Loaded before the command line (`node --import`): `archon serve` runs as it always does, with the subscribers of the
 * chaos run in its engine, events of 1 MB published beside its API, and its database thread ended on SIGUSR2.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isMainThread, type Worker } from 'node:worker_threads';
import type { Engine } from '../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../src-main/identity/scope.ts';
import { LARGE_ACKNOWLEDGED, newLargeEvent, PUBLISHING } from './large-events.ts';
import { chaosSubscribers, LEDGER } from './subscribers.ts';

const BETWEEN_LARGE_MS = 2500;

/** Threads and other commands load this too, and have nothing to do with it. */
if (isMainThread && process.argv.includes('serve')) await prepare();

async function prepare(): Promise<void> {
  const { CHAOS_FOLDER: folder, CHAOS_SEED: seed, CHAOS_RECEIVER: receiver } = process.env;
  if (!folder || !seed) throw new Error('CHAOS_FOLDER and CHAOS_SEED must be set');
  endDatabaseThreadOnSignal();
  const { Engine } = await import('../../src-main/engine.ts');
  const { start } = Engine.prototype;
  Engine.prototype.start = async function (options) {
    await start.call(this, options);
    await makeLedger(this);
    if (receiver) await registerWebhook(this, receiver);
    for (const subscriber of chaosSubscribers({ folder, seed: Number(seed) })) {
      this.services.delivery.events.subscribe(subscriber);
    }
    void publishLarge(this, folder);
  };
}

const scope = { org_id: LOCAL_ORG_ID, actor: 'chaos' };

/** Of several nodes one makes it, and the others wait. */
async function makeLedger({ database }: Engine): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.sql('SELECT pg_advisory_xact_lock(hashtext($1))', [LEDGER]);
    await tx.sql(`CREATE TABLE IF NOT EXISTS ${LEDGER} (event_id bigint)`);
    await tx.sql(`GRANT SELECT, INSERT ON ${LEDGER} TO archon_app`);
  });
}

/** On the first start of the one node that is told of a receiver: over HTTP it is for a person to do. */
async function registerWebhook({ services }: Engine, url: string): Promise<void> {
  const { webhooks } = services.delivery;
  if ((await webhooks.all(scope)).length > 0) return;
  await webhooks.create(scope, { name: 'chaos', url, enabled: true });
}

async function publishLarge(engine: Engine, folder: string): Promise<void> {
  const { recordEvents } = await import('../../src-main/events/event-log.ts');
  for (let count = 0; ; await wait(BETWEEN_LARGE_MS, undefined, { ref: false })) {
    if (!existsSync(join(folder, PUBLISHING))) continue;
    count += 1;
    // Some are poison: then 1 MB lies in the dead letters.
    const { key, event } = newLargeEvent(count % 4 === 2 ? 'poison-all' : 'large');
    try {
      await engine.database.withScope(scope, (tx) => tx.run(recordEvents(scope, [event])));
      appendFileSync(join(folder, LARGE_ACKNOWLEDGED), `${key}\n`);
    } catch {
      // The database is away: whether it was committed is not known, as with a request without an answer.
    }
  }
}

function endDatabaseThreadOnSignal(): void {
  let thread: Worker | undefined;
  process.on('worker', (worker) => {
    if (worker.threadName === 'embedded-postgres') thread = worker;
  });
  process.on('SIGUSR2', () => void thread?.terminate());
}
