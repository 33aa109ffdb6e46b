/** A report is made of what can be had: a source that is away or slow leaves its figures out, and holds nothing up. */
import type { Logger } from 'pino';
import { limitTime } from '../../resilience/time-limits.ts';

export class Patience {
  readonly #logger: Logger;
  readonly #limit_ms: number;
  /** Ends when all of it took too long. */
  readonly signal: AbortSignal;

  constructor({ logger, limit_ms, signal }: { logger: Logger; limit_ms: number; signal: AbortSignal }) {
    this.#logger = logger;
    this.#limit_ms = limit_ms;
    this.signal = signal;
  }

  /** What the source answers within the time; null when it does not. Never rejects. */
  async ask<T>(
    source: string,
    question: (signal: AbortSignal) => T | Promise<T>,
    limit_ms = this.#limit_ms,
  ): Promise<T | null> {
    const late = new AbortController();
    const signal = AbortSignal.any([late.signal, this.signal]);
    const unlimit = limitTime(limit_ms, () => late.abort(new Error(`no answer within ${limit_ms} ms`)));
    try {
      signal.throwIfAborted();
      return await Promise.race([answer(question, signal), given(signal)]);
    } catch (error) {
      this.#logger.warn({ err: error, source }, `the report is without figures of ${source}`);
      return null;
    } finally {
      unlimit();
    }
  }
}

const answer = async <T>(question: (signal: AbortSignal) => T | Promise<T>, signal: AbortSignal): Promise<T> =>
  await question(signal);

const given = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
