/** Durable delivery put together: subscribers, dead letters, webhooks. */
import type { Logger } from 'pino';
import { appVersion } from '../../app-files.ts';
import type { Clock } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import type { WebhookDependencies } from '../../resilience/webhook-dependencies.ts';
import type { DatabasePlace } from '../../secrets/sealed-store.ts';
import { type SecretBox, secretBoxOf } from '../../secrets/secret-box.ts';
import type { SettingsReader } from '../../settings/live-settings.ts';
import type { Database } from '../../storage/database.ts';
import type { EventFeed } from '../event-feed.ts';
import { DeadLetters } from './dead-letters.ts';
import type { DeliveryObserver } from './delivery-observer.ts';
import { deliverySettings } from './delivery-settings.ts';
import { type DeliveryTuning, EventDelivery } from './event-delivery.ts';
import { LetterReplays } from './letter-replays.ts';
import { ReplayLog } from './replay-log.ts';
import type { WebhookRequest } from './webhooks/send-request.ts';
import { WebhookSecrets } from './webhooks/webhook-secrets.ts';
import { WebhookSender } from './webhooks/webhook-sender.ts';
import { Webhooks } from './webhooks/webhooks.ts';

export interface Delivery {
  /** Subscribers of the code register here; `start` begins. */
  events: EventDelivery;
  deadLetters: DeadLetters;
  replays: LetterReplays;
  replayLog: ReplayLog;
  webhooks: Webhooks;
  /** Where sealed secrets are in the database. */
  sealed: WebhookSecrets;
}

export interface CreateDeliveryOptions {
  settings: SettingsReader;
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
  /** Of the installation; without it, of the data folder alone. */
  secrets?: SecretBox | undefined;
  /** Which database it is; without it that of this computer. */
  place?: DatabasePlace | undefined;
}

export function createDelivery(options: CreateDeliveryOptions): Delivery {
  const {
    settings: live,
    database,
    feed,
    clock,
    logger,
    organisations,
    tuning,
    lookup,
    observer,
    dependencies,
  } = options;
  const settings = (scope: Scope) => deliverySettings(live, scope);
  const shared = live.device['database.url'] !== null;
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
  const secrets = options.secrets ?? secretBoxOf(live.device, { logger });
  const webhookSettings = ({ org_id }: Scope) => ({
    timeout_ms: live.of(org_id)['events.webhook_timeout_seconds'] * 1000,
    // What this computer reaches is for whoever runs it to say, not for an organisation.
    allow_private: live.device['events.webhooks_allow_private'],
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
  const retention_days = (scope: Scope) => settings(scope).retention_days;
  return {
    events,
    deadLetters: new DeadLetters({ database, clock, queue: events.queue, retention_days }),
    replays: new LetterReplays({
      database,
      clock,
      delivery: events,
      log: replayLog,
      automatic: (scope) => settings(scope).automatic,
    }),
    replayLog,
    webhooks,
    sealed: new WebhookSecrets({ database, organisations, place: options.place }),
  };
}
