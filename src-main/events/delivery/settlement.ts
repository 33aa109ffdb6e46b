/** What becomes of an event whose handler failed, and of a dead letter that was replayed. */
import { v7 as uuidv7 } from 'uuid';
import type { DeliveryAttempt, EventEnvelope, JsonObject } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import { type AutomaticRetry, nextRetryAt } from './automatic-retry.ts';
import { type ClaimedJob, type JobQueue, queueOf, type ReplayJob } from './job-queue.ts';
import { type LetterOf, lettersDied, lettersResolved } from './letter-events.ts';
import { delayAfter, type RetryPolicy } from './retry-policy.ts';
import type { Failure } from './run-handler.ts';

/** Attempts kept with a dead letter. */
const KEPT_ATTEMPTS = 50;
/** Of the message of an attempt that was not the last. */
const BRIEF_MESSAGE = 500;

/** An attempt that has failed. */
export interface FailedAttempt {
  at_ms: number;
  duration_ms: number;
  failure: Failure;
}

export class Settlement {
  readonly #database: Database;
  readonly #queue: JobQueue;
  readonly #clock: Clock;
  readonly #automatic: (scope: Scope) => AutomaticRetry;

  constructor(deps: {
    database: Database;
    queue: JobQueue;
    clock: Clock;
    automatic: (scope: Scope) => AutomaticRetry;
  }) {
    this.#database = deps.database;
    this.#queue = deps.queue;
    this.#clock = deps.clock;
    this.#automatic = deps.automatic;
  }

  /** After a failed attempt: another one later, or the dead letters. `final`: no other attempt, whatever the policy. */
  async failed(
    scope: Scope,
    subscriber: string,
    job: ClaimedJob,
    given: { event: EventEnvelope; attempts: readonly DeliveryAttempt[] },
    failed: FailedAttempt,
    policy: RetryPolicy,
    { final = false }: { final?: boolean } = {},
  ): Promise<'postponed' | 'dead'> {
    const attempts = withAttempt(given.attempts, failed);
    const queue = queueOf(scope.org_id, subscriber);
    const delay_ms = final ? undefined : delayAfter(policy, attempts.at(-1)?.attempt ?? 1);
    if (delay_ms !== undefined) {
      await this.#queue.postpone(queue, job, { kind: 'event', event: given.event, attempts }, delay_ms);
      return 'postponed';
    }
    await this.#database.withScope(scope, async (tx) => {
      if (!(await this.#queue.finishIn(tx, queue, job))) return;
      await this.#bury(tx, scope, subscriber, given.event, attempts, failed.failure);
    });
    return 'dead';
  }

  /** The subscriber has taken a dead letter. */
  async replayed(scope: Scope, subscriber: string, job: ReplayJob): Promise<void> {
    const now = isoTime(this.#clock.now());
    await this.#database.withScope(scope, async (tx) => {
      if (!(await this.#queue.finishIn(tx, queueOf(scope.org_id, subscriber), job))) return;
      const [letters] = await Promise.all([
        tx.sql<LetterOf>(
          `UPDATE archon_event_failures SET state = 'resolved', state_at = $3, state_by = r.actor, replay_id = NULL
           FROM archon_event_replays AS r
           WHERE r.org_id = $1 AND r.id = $2 AND archon_event_failures.org_id = $1 AND archon_event_failures.id = $4
             AND replay_id = $2
           RETURNING archon_event_failures.id, event_type`,
          [scope.org_id, job.id, now, job.data.dead_letter_id],
        ),
        tx.sql(`UPDATE archon_event_replays SET outcome = 'resolved', ended_at = $3 WHERE org_id = $1 AND id = $2`, [
          scope.org_id,
          job.id,
          now,
        ]),
      ]);
      await tx.run(lettersResolved(scope, letters, 'replayed'));
    });
  }

  /** The subscriber could not take a dead letter this time either: it is dead again, with the error of this time. */
  async replayFailed(
    scope: Scope,
    subscriber: string,
    job: ReplayJob,
    attempts: readonly DeliveryAttempt[],
    failed: FailedAttempt,
  ): Promise<void> {
    const now = isoTime(this.#clock.now());
    const { name, message, stack } = failed.failure;
    const all = withAttempt(attempts, failed);
    const automatic = this.#automatic(scope);
    await this.#database.withScope(scope, async (tx) => {
      if (!(await this.#queue.finishIn(tx, queueOf(scope.org_id, subscriber), job))) return;
      await Promise.all([
        tx.sql(
          `UPDATE archon_event_failures SET state = 'dead', state_at = $3, state_by = $4, replay_id = NULL, failed_at = $3,
             error_name = $5, error_message = $6, error_stack = $7, attempts = $8, attempt_count = $9,
             retry_at = CASE WHEN retries < $11 THEN $10::timestamptz END
           WHERE org_id = $1 AND id = $12 AND replay_id = $2`,
          [
            scope.org_id,
            job.id,
            now,
            subscriber,
            name,
            message,
            stack,
            JSON.stringify(all),
            all.at(-1)?.attempt ?? 1,
            nextRetryAt(automatic, this.#clock.now()),
            automatic.most,
            job.data.dead_letter_id,
          ],
        ),
        tx.sql(
          `UPDATE archon_event_replays SET outcome = 'failed', ended_at = $3, error_name = $4, error_message = $5
           WHERE org_id = $1 AND id = $2`,
          [scope.org_id, job.id, now, name, message],
        ),
      ]);
    });
  }

  async #bury(
    tx: Transaction,
    scope: Scope,
    subscriber: string,
    event: EventEnvelope,
    attempts: readonly DeliveryAttempt[],
    { name, message, stack }: Failure,
  ): Promise<void> {
    const now = isoTime(this.#clock.now());
    // There is one already when an event comes once more whose letter was dealt with: then it is dead again.
    const written = await tx.sql<LetterOf>(
      `INSERT INTO archon_event_failures AS f (org_id, id, subscriber, event_id, event_type, user_id, event_actor,
         event_created_at, payload, error_name, error_message, error_stack, attempts, attempt_count, first_failed_at,
         failed_at, state, state_at, state_by, retry_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'dead', $16, $3, $17)
       ON CONFLICT (org_id, subscriber, event_id) DO UPDATE SET state = 'dead', state_at = excluded.state_at,
         state_by = excluded.state_by, reason = NULL, failed_at = excluded.failed_at, error_name = excluded.error_name,
         error_message = excluded.error_message, error_stack = excluded.error_stack, attempts = excluded.attempts,
         attempt_count = excluded.attempt_count, retry_at = excluded.retry_at
         WHERE f.state <> 'replaying'
       RETURNING id, event_type`,
      [
        scope.org_id,
        uuidv7(),
        subscriber,
        event.id,
        event.type,
        event.user_id,
        event.actor,
        event.created_at,
        event.payload as JsonObject,
        name,
        message,
        stack,
        JSON.stringify(attempts),
        attempts.at(-1)?.attempt ?? 1,
        attempts[0]?.at ?? now,
        now,
        nextRetryAt(this.#automatic(scope), this.#clock.now()),
      ],
    );
    if (written.length > 0) await tx.run(lettersDied(scope, written));
  }
}

function withAttempt(before: readonly DeliveryAttempt[], failed: FailedAttempt): DeliveryAttempt[] {
  const { name, message } = failed.failure;
  const attempt: DeliveryAttempt = {
    attempt: (before.at(-1)?.attempt ?? 0) + 1,
    at: isoTime(failed.at_ms),
    duration_ms: Math.round(failed.duration_ms),
    error: { name, message: message.slice(0, BRIEF_MESSAGE).toWellFormed() },
  };
  return [...before, attempt].slice(-KEPT_ATTEMPTS);
}
