/** What is known of each service beforehand: how it is named, how much it is asked at once, what means that it is away. */

import type { ResilientService } from '../../src-contract/index.ts';
import { ReceiverAwayError } from '../events/delivery/webhooks/receiver-away.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';
import { isDatabaseAway, isRefusedConnection } from '../storage/storage-errors.ts';
import type { BulkheadLimits } from './bulkhead.ts';

export interface Policy {
  title: string;
  limits: BulkheadLimits;
  isFailure(error: unknown): boolean;
  isPassing?: (error: unknown) => boolean;
}

/** A service on the network that answers one request at a time: everything that is thrown means that it is away. */
const outbound = (title: string, running: number): Policy => ({
  title,
  limits: { running, waiting: 100, wait_ms: 10_000 },
  isFailure: () => true,
});

/** @param sizes connections to the database at most */
export function policyOf(service: ResilientService, sizes: { database_pool: number }): Policy {
  switch (service) {
    case 'postgres':
      return {
        title: 'PostgreSQL',
        // As many calls as there are connections: whoever waits is counted here, not in the pool.
        limits: { running: sizes.database_pool, waiting: 1000, wait_ms: 10_000 },
        isFailure: isDatabaseAway,
        isPassing: isRefusedConnection,
      };
    case 'redis':
      return {
        title: 'Redis',
        // One connection takes them all, one after the other; the bound is for memory.
        limits: { running: 1000, waiting: 4000, wait_ms: 3000 },
        isFailure: (error) => error instanceof SessionStoreUnavailableError && error.is_away,
      };
    case 'embedding':
      return outbound('The embedding service', 4);
    case 'llm':
      return outbound('The language model', 4);
    case 'smtp':
      return outbound('The mail server', 2);
    case 'slack':
      return outbound('Slack', 2);
    case 'webhook':
      return {
        title: 'The receiver of the webhook',
        limits: { running: 8, waiting: 1000, wait_ms: 60_000 },
        isFailure: (error) => error instanceof ReceiverAwayError,
      };
  }
}
