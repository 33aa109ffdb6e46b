/** Sends events to webhooks and keeps the log of what was answered. */
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { EventEnvelope, WebhookDelivery } from '../../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../../clock.ts';
import { ArchonError } from '../../../errors.ts';
import type { Scope } from '../../../identity/scope.ts';
import type { WebhookDependencies } from '../../../resilience/webhook-dependencies.ts';
import type { SecretBox } from '../../../secrets/secret-box.ts';
import type { Database } from '../../../storage/database.ts';
import { NotTriedError } from '../durable-subscriber.ts';
import { whyNoAnswer } from './network-words.ts';
import { askReceiver, ReceiverAwayError } from './receiver-away.ts';
import type { WebhookAnswer, WebhookRequest } from './send-request.ts';
import { SIGNATURE_HEADER, signatureOf } from './signature.ts';

/** Requests kept per webhook. */
const KEPT_DELIVERIES = 200;

export interface WebhookSettings {
  timeout_ms: number;
  allow_private: boolean;
}

/** What is needed to call a webhook. */
export interface WebhookTarget {
  id: string;
  url: string;
  secret_box: string;
}

/** The receiver did not take the event. */
export class WebhookRefusedError extends Error {
  override readonly name = 'WebhookRefusedError';
}

interface SenderDeps {
  database: Database;
  secrets: SecretBox;
  clock: Clock;
  logger: Logger;
  settings(scope: Scope): WebhookSettings;
  userAgent: string;
  /** A receiver that is away is not asked for a while. */
  dependencies?: Pick<WebhookDependencies, 'of' | 'forget' | 'remove'> | undefined;
  lookup?: WebhookRequest['lookup'] | undefined;
}

export class WebhookSender {
  readonly #deps: SenderDeps;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /**
   * @throws WebhookRefusedError unless the receiver answers with 2xx; what kept it from answering; NotTriedError when it
   *   was not asked
   */
  async deliver(
    scope: Scope,
    target: WebhookTarget,
    event: EventEnvelope,
    { attempt, signal }: { attempt: number; signal: AbortSignal },
  ): Promise<void> {
    const delivery = await this.send(scope, target, event, { attempt, signal });
    switch (delivery.outcome.kind) {
      case 'accepted':
        return;
      case 'refused':
        throw new WebhookRefusedError(refusal(delivery.outcome.status));
      case 'failed':
        throw new WebhookRefusedError(delivery.outcome.reason);
    }
  }

  /**
   * One request, which never throws for what the receiver does.
   *
   * @throws NotTriedError when its breaker let none through
   */
  async send(
    scope: Scope,
    target: WebhookTarget,
    event: EventEnvelope,
    options: { attempt: number; signal?: AbortSignal; is_test?: boolean },
  ): Promise<WebhookDelivery> {
    const id = uuidv7();
    const began_ms = this.#deps.clock.now();
    const began = performance.now();
    const outcome = await this.#outcome(scope, target, event, { ...options, id, now_ms: began_ms });
    const delivery: WebhookDelivery = {
      id,
      webhook_id: target.id,
      event_id: options.is_test ? null : event.id,
      event_type: event.type,
      attempt: options.attempt,
      at: isoTime(began_ms),
      duration_ms: Math.round(performance.now() - began),
      outcome,
    };
    await this.#note(scope, delivery);
    return delivery;
  }

  /** The webhook has another receiver. */
  forget(scope: Scope, webhook_id: string): void {
    this.#deps.dependencies?.forget(scope, webhook_id);
  }

  /** The webhook is there no more. */
  removed(scope: Scope, webhook_id: string): void {
    this.#deps.dependencies?.remove(scope, webhook_id);
  }

  async #outcome(
    scope: Scope,
    target: WebhookTarget,
    event: EventEnvelope,
    call: { id: string; attempt: number; now_ms: number; signal?: AbortSignal | undefined; is_test?: boolean },
  ): Promise<WebhookDelivery['outcome']> {
    const body = JSON.stringify(event);
    const { timeout_ms, allow_private } = this.#deps.settings(scope);
    try {
      const secret = this.#deps.secrets.open(target.secret_box, secretPlace(scope, target.id));
      const request = {
        url: target.url,
        headers: {
          'Content-Type': 'application/json',
          'User-Agent': this.#deps.userAgent,
          [SIGNATURE_HEADER]: signatureOf(secret, body, call.now_ms),
          'Archon-Event-Id': event.id,
          'Archon-Event-Type': event.type,
          'Archon-Delivery': call.id,
          'Archon-Attempt': String(call.attempt),
        },
        body,
        timeout_ms,
        allow_private,
        signal: call.signal,
        ...(this.#deps.lookup ? { lookup: this.#deps.lookup } : {}),
      };
      const { status, excerpt } = await this.#ask(scope, target, request, call.is_test ?? false);
      return { kind: status >= 200 && status < 300 ? 'accepted' : 'refused', status, excerpt };
    } catch (error) {
      // Stopped from here: that is no fault of the receiver.
      call.signal?.throwIfAborted();
      if (error instanceof ArchonError && error.retry_after_seconds !== undefined) {
        throw new NotTriedError(error.message, error.retry_after_seconds * 1000, { cause: error });
      }
      return { kind: 'failed', reason: whyNoAnswer(error, new URL(target.url).host) };
    }
  }

  /** Past a breaker that is open when it is a test: a person wants to know how the receiver is now. */
  async #ask(scope: Scope, target: WebhookTarget, request: WebhookRequest, is_test: boolean): Promise<WebhookAnswer> {
    const dependency = this.#deps.dependencies?.of(scope, target.id);
    const ask = () => askReceiver(request);
    try {
      if (!dependency) return await ask();
      return is_test ? await dependency.try(ask) : await dependency.run(ask);
    } catch (error) {
      if (!(error instanceof ReceiverAwayError)) throw error;
      if (error.answer) return error.answer;
      throw error.cause;
    }
  }

  /** What was delivered is delivered, whether it is in the log or not. */
  async #note(scope: Scope, delivery: WebhookDelivery): Promise<void> {
    const { webhook_id } = delivery;
    try {
      await this.#deps.database.withScope(scope, (tx) =>
        Promise.all([
          tx.sql(
            `INSERT INTO archon_webhook_deliveries
               (org_id, webhook_id, id, event_id, event_type, attempt, at, duration_ms, outcome)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
             WHERE EXISTS (SELECT FROM archon_webhooks WHERE org_id = $1 AND id = $2)`,
            [
              scope.org_id,
              webhook_id,
              delivery.id,
              delivery.event_id,
              delivery.event_type,
              delivery.attempt,
              delivery.at,
              delivery.duration_ms,
              JSON.stringify(delivery.outcome),
            ],
          ),
          tx.sql(
            `DELETE FROM archon_webhook_deliveries WHERE org_id = $1 AND webhook_id = $2 AND id <= (
               SELECT id FROM archon_webhook_deliveries WHERE org_id = $1 AND webhook_id = $2
               ORDER BY id DESC OFFSET ${KEPT_DELIVERIES} LIMIT 1)`,
            [scope.org_id, webhook_id],
          ),
        ]),
      );
    } catch (error) {
      this.#deps.logger.warn({ err: error, webhook_id }, 'a request to a webhook was not noted');
    }
  }
}

/** What a sealed secret belongs to. */
export const secretPlace = (scope: Scope, id: string): string => `webhook ${scope.org_id} ${id}`;

function refusal(status: number): string {
  if (status >= 300 && status < 400) {
    return `answered with ${status}: redirects are not followed, register the URL it leads to`;
  }
  return `answered with ${status}`;
}
