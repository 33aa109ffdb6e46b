/** Durable delivery put together: subscribers, dead letters, webhooks. */
import type { Logger } from 'pino';
import { appVersion } from '../../app-files.ts';
import type { Clock } from '../../clock.ts';
import { SecretBox } from '../../identity/secret-box.ts';
import type { WebhookDependencies } from '../../resilience/webhook-dependencies.ts';
import type { Config } from '../../settings/config-schema.ts';
import type { Database } from '../../storage/database.ts';
import type { EventFeed } from '../event-feed.ts';
import { DeadLetters } from './dead-letters.ts';
import type { DeliveryObserver } from './delivery-observer.ts';
import { deliverySettings } from './delivery-settings.ts';
import { type DeliveryTuning, EventDelivery } from './event-delivery.ts';
import { LetterReplays } from './letter-replays.ts';
import { ReplayLog } from './replay-log.ts';
import type { WebhookRequest } from './webhooks/send-request.ts';
import { WebhookSender } from './webhooks/webhook-sender.ts';
import { Webhooks } from './webhooks/webhooks.ts';

export interface Delivery {
  /** Subscribers of the code register here; `start` begins. */
  events: EventDelivery;
  deadLetters: DeadLetters;
  replays: LetterReplays;
  replayLog: ReplayLog;
  webhooks: Webhooks;
}

export interface CreateDeliveryOptions {
  config: Config;
  database: Database;
  feed: Pick<EventFeed, 'onNews' | 'onSettingsChanged'>;
  clock: Clock;
  logger: Logger;
  organisations(): Iterable<string>;
  tuning?: Partial<DeliveryTuning> | undefined;
  lookup?: WebhookRequest['lookup'] | undefined;
  /** Where the breakers of webhooks are. */
  dependencies?: Pick<WebhookDependencies, 'of' | 'forget' | 'remove'>;
  observer?: DeliveryObserver | undefined;
}

export function createDelivery(options: CreateDeliveryOptions): Delivery {
  const { config, database, feed, clock, logger, organisations, tuning, lookup, observer, dependencies } = options;
  const settings = () => deliverySettings(config);
  const shared = config['database.url'] !== null;
  const events = new EventDelivery({
    database,
    feed,
    clock,
    logger,
    shared,
    organisations,
    settings,
    tuning,
    observer,
  });
  const secrets = new SecretBox({
    data_dir: config.profile?.key_dir ?? config.data_dir,
    passphrase: config.secret_key,
  });
  const webhookSettings = () => ({
    timeout_ms: config['events.webhook_timeout_seconds'] * 1000,
    allow_private: config['events.webhooks_allow_private'],
  });
  const sender = new WebhookSender({
    database,
    secrets,
    clock,
    logger,
    settings: webhookSettings,
    userAgent: `Archon/${appVersion}`,
    lookup,
    dependencies,
  });
  const webhooks = new Webhooks({ database, clock, secrets, sender, delivery: events, settings: webhookSettings });
  events.addSource(webhooks);
  const replayLog = new ReplayLog(database);
  const retention_days = () => settings().retention_days;
  return {
    events,
    deadLetters: new DeadLetters({ database, clock, queue: events.queue, retention_days }),
    replays: new LetterReplays({
      database,
      clock,
      delivery: events,
      log: replayLog,
      automatic: () => settings().automatic,
    }),
    replayLog,
    webhooks,
  };
}
