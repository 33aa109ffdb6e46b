/** What is known of each service beforehand: how it is named, how much it is asked at once, what means that it is away. */

import type { ResilientService } from '../../src-contract/index.ts';
import { ReceiverAwayError } from '../events/delivery/webhooks/receiver-away.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';
import { isRefusedConnection, judgeDatabase } from '../storage/storage-errors.ts';
import type { BulkheadLimits } from './bulkhead.ts';
import type { Verdict } from './circuit-breaker.ts';

export interface Policy {
  title: string;
  limits: BulkheadLimits;
  judge(error: unknown): Verdict;
  isPassing?: (error: unknown) => boolean;
}

/** A service on the network that answers one request at a time: everything that is thrown means that it is away. */
const outbound = (title: string, running: number): Policy => ({
  title,
  limits: { running, waiting: 100, wait_ms: 10_000 },
  judge: () => 'away',
});

/** @param sizes connections to the database at most */
export function policyOf(service: ResilientService, sizes: { database_pool: number }): Policy {
  switch (service) {
    case 'postgres':
      return {
        title: 'PostgreSQL',
        // As many calls as there are connections: whoever waits is counted here, not in the pool.
        limits: { running: sizes.database_pool, waiting: 1000, wait_ms: 10_000 },
        judge: judgeDatabase,
        isPassing: isRefusedConnection,
      };
    case 'redis':
      return {
        title: 'Redis',
        // One connection takes them all, one after the other; the bound is for memory.
        limits: { running: 1000, waiting: 4000, wait_ms: 3000 },
        judge: (error) => (error instanceof SessionStoreUnavailableError && error.is_away ? 'away' : 'answered'),
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
        // An address that is refused, or an engine that stops, is no word of the receiver.
        judge: (error) => (error instanceof ReceiverAwayError ? 'away' : 'nothing'),
      };
  }
}
