/** What the settings say about delivery. */
import type { Scope } from '../../identity/scope.ts';
import type { SettingsReader } from '../../settings/live-settings.ts';
import type { AutomaticRetry } from './automatic-retry.ts';
import type { RetryPolicy } from './retry-policy.ts';

export interface DeliverySettings {
  retry: RetryPolicy;
  timeout_ms: number;
  automatic: AutomaticRetry;
  retention_days: number;
}

/** As they are now, in an organisation. */
export function deliverySettings(settings: SettingsReader, { org_id }: Pick<Scope, 'org_id'>): DeliverySettings {
  const config = settings.of(org_id);
  return {
    retry: {
      first_seconds: config['events.retry_first_seconds'],
      factor: config['events.retry_factor'],
      max_seconds: config['events.retry_max_seconds'],
      attempts: config['events.retry_attempts'],
    },
    timeout_ms: config['events.handler_timeout_seconds'] * 1000,
    automatic: {
      after_hours: config['events.dead_letter_retry_hours'],
      most: config['events.dead_letter_retries'],
    },
    retention_days: config['events.dead_letter_retention_days'],
  };
}
