/** Who gets every event: the shape of a subscriber in code. */
import type { EventEnvelope } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Transaction } from '../../storage/database.ts';
import type { RetryPolicy } from './retry-policy.ts';

/** What a handler gets beside the event. */
export interface DeliveryContext {
  readonly scope: Scope;
  readonly subscriber: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** Aborts when the time of the handler is over, or the engine stops. */
  readonly signal: AbortSignal;
  /**
   * Does something in the database once for this event, however often the event comes: what `work` writes and the note
   * that it was done are one transaction.
   *
   * @returns false when it was done before
   */
  once(work: (tx: Transaction) => Promise<void>): Promise<boolean>;
}

/**
 * A subscriber. An event comes at least once, and again after a failure, so a handler must be idempotent by the id of the
 * event; `context.once` does that for effects in the database.
 */
export interface DurableSubscriber {
  /** Letters, digits, `.`, `_` and `-`; it names the queue, so it stays the same for good. */
  readonly name: string;
  /** Undefined: all types. */
  readonly types?: readonly string[] | undefined;
  /** Events of this user alone. */
  readonly user_id?: string | undefined;
  /** Where a subscriber that was never there before begins. Default `now`. */
  readonly from?: 'now' | 'start';
  /** Handlers at once on this node. Default 4. */
  readonly concurrency?: number;
  /** Events taken from the queue at a time. Default 50. */
  readonly batch?: number;
  /** What differs from the settings. */
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds a handler may take; by default as configured. */
  readonly timeout_ms?: number;
  handle(event: EventEnvelope, context: DeliveryContext): Promise<void>;
}

/** Thrown by a handler that did not try, because what it needs is away: no attempt was made, and none counts. */
export class NotTriedError extends Error {
  override readonly name = 'NotTriedError';
  /** Milliseconds until it may be worth while to try. */
  readonly again_in_ms: number;

  constructor(message: string, again_in_ms: number, options?: ErrorOptions) {
    super(message, options);
    this.again_in_ms = again_in_ms;
  }
}
