/** Nodes that deliver events, on a test database: as many as a test wants, in one process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EventEnvelope, NewEvent } from '../../src-contract/index.ts';
import { type Clock, systemClock } from '../../src-main/clock.ts';
import {
  type CreateDeliveryOptions,
  createDelivery,
  type Delivery,
} from '../../src-main/events/delivery/create-delivery.ts';
import type { DurableSubscriber } from '../../src-main/events/delivery/durable-subscriber.ts';
import { EventFeed } from '../../src-main/events/event-feed.ts';
import { recordEvents } from '../../src-main/events/event-log.ts';
import type { Scope } from '../../src-main/identity/scope.ts';
import { type Config, defaultConfig } from '../../src-main/settings/config-schema.ts';
import { LiveSettings } from '../../src-main/settings/live-settings.ts';
import type { Database } from '../../src-main/storage/database.ts';

import { silentLogger } from './test-databases.ts';

/** Seconds between attempts: none, so that nothing has to be waited for. */
export const AT_ONCE = { first_seconds: 0, factor: 1, max_seconds: 0 };

/** What the events of {@link publish} are told apart by. */
export const nameOf = (event: EventEnvelope): string => String(event.payload.session_id);

export interface DeliveryNode extends Delivery {
  feed: EventFeed;
  stop(): Promise<void>;
}

export interface NodeOptions {
  scopes: readonly Scope[];
  subscribers?: readonly DurableSubscriber[];
  config?: Partial<Config>;
  /** Other nodes work on the database too. */
  shared?: boolean;
  clock?: Clock;
  tuning?: CreateDeliveryOptions['tuning'];
  lookup?: CreateDeliveryOptions['lookup'];
}

/** Starts a node and waits until its subscribers are at work. */
export async function startDelivery(database: Database, options: NodeOptions): Promise<DeliveryNode> {
  const { scopes, subscribers = [], shared = false, clock = systemClock } = options;
  const data_dir = mkdtempSync(join(tmpdir(), 'archon-delivery-'));
  const config = {
    ...defaultConfig(data_dir),
    // Only whether there is one counts: the database is opened by the test.
    'database.url': shared ? 'postgres://shared' : null,
    ...options.config,
  };
  const feed = new EventFeed({ database, logger: silentLogger, shared });
  const delivery = createDelivery({
    settings: new LiveSettings(config),
    database,
    feed,
    clock,
    logger: silentLogger,
    organisations: () => scopes.map(({ org_id }) => org_id),
    tuning: options.tuning,
    lookup: options.lookup,
  });
  for (const subscriber of subscribers) delivery.events.subscribe(subscriber);
  feed.start();
  delivery.events.start();
  await delivery.events.refresh();
  return {
    ...delivery,
    feed,
    stop: async () => {
      await delivery.events.stop();
      await feed.stop();
      rmSync(data_dir, { recursive: true, force: true });
    },
  };
}

/** Writes events, each telling of a session of that name. */
export async function publish(
  database: Database,
  scope: Scope,
  names: readonly string[],
  {
    type = 'memory.session.created',
    user_id = 'ana',
  }: { type?: `memory.session.${'created' | 'deleted'}`; user_id?: string } = {},
): Promise<void> {
  for (let start = 0; start < names.length; start += 500) {
    const events = names
      .slice(start, start + 500)
      .map((session_id): NewEvent => ({ type, user_id, payload: { session_id } }));
    await database.withScope(scope, (tx) => tx.run(recordEvents(scope, events)));
  }
}

/** Waits until it is so. The limit is for a test that fails, not a measure of anything. */
export async function until(
  what: string | (() => string),
  isSo: () => boolean | Promise<boolean>,
  limit_ms = 120_000,
): Promise<void> {
  const deadline = performance.now() + limit_ms;
  while (!(await isSo())) {
    if (performance.now() > deadline) {
      throw new Error(`still not so after ${limit_ms} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
