/**
 * A bulkhead: so many calls of a service at once, so many that wait, and none that waits for long. Without one, calls of
 * a slow service would pile up until the process has no memory left.
 */
import { AsyncResource } from 'node:async_hooks';
import { type BulkheadPolicy, BulkheadRejectedError, bulkhead } from 'cockatiel';
import { ArchonError } from '../errors.ts';

export interface BulkheadLimits {
  /** Calls at once. */
  running: number;
  /** Calls that wait for one of them to end. */
  waiting: number;
  /** Milliseconds a call waits at most. */
  wait_ms: number;
}

const NEVER = new AbortController().signal;

export class Bulkhead {
  readonly limits: BulkheadLimits;
  readonly #title: string;
  readonly #policy: BulkheadPolicy;

  /** @param title of the service, for messages */
  constructor(title: string, limits: BulkheadLimits) {
    this.#title = title;
    this.limits = limits;
    this.#policy = bulkhead(limits.running, limits.waiting);
  }

  get running(): number {
    return this.limits.running - this.#policy.executionSlots;
  }

  get waiting(): number {
    return this.limits.waiting - this.#policy.queueSlots;
  }

  /**
   * @param most_ms how long the caller itself can wait, when that is shorter
   * @throws CrowdedError when too many calls wait, or this one waited for too long
   */
  async run<T>(call: () => Promise<T>, most_ms = Number.POSITIVE_INFINITY): Promise<T> {
    if (this.#policy.executionSlots > 0) return await this.#policy.execute(call, NEVER);
    return await this.#wait(call, Math.min(this.limits.wait_ms, most_ms));
  }

  async #wait<T>(call: () => Promise<T>, wait_ms: number): Promise<T> {
    const leaving = new AbortController();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(this.#crowded());
      leaving.abort();
    }, wait_ms);
    // cockatiel begins it when another call ends, and within that one's asynchronous context.
    const begin = AsyncResource.bind(() => {
      clearTimeout(timer);
      return call();
    });
    const done = this.#policy.execute(begin, leaving.signal);
    // Of a call that left, cockatiel tells later.
    done.catch(() => {});
    try {
      return await Promise.race([done, late.promise]);
    } catch (error) {
      throw error instanceof BulkheadRejectedError ? this.#crowded() : error;
    } finally {
      clearTimeout(timer);
    }
  }

  #crowded(): CrowdedError {
    const { running, waiting } = this;
    return new CrowdedError(
      `${this.#title} is busy: ${running} calls run and ${waiting} wait for them. Ask less at once, and try again.`,
    );
  }
}

/** There was no room for a call: it was not made. */
export class CrowdedError extends ArchonError {
  override readonly name = 'CrowdedError';

  constructor(message: string) {
    super('STORAGE_UNAVAILABLE', message, { retry_after_seconds: 1 });
  }
}
