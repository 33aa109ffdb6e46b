/** The webhooks of an organisation: registered, changed, tried, and each of them a subscriber. */
import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import {
  MAX_WEBHOOKS,
  type NewEvent,
  type ParsedInputs,
  type Webhook,
  type WebhookDelivery,
  type WebhookWithSecret,
} from '../../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../../clock.ts';
import { ArchonError, invalidField, notFound } from '../../../errors.ts';
import type { Scope } from '../../../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../../../memory/cursor.ts';
import type { SecretBox } from '../../../secrets/secret-box.ts';
import type { Database, Transaction } from '../../../storage/database.ts';
import { HINT_CHANNEL, toPayload } from '../../event-hint.ts';
import { recordEvents } from '../../event-log.ts';
import type { DurableSubscriber } from '../durable-subscriber.ts';
import type { EventDelivery, SubscriberSource } from '../event-delivery.ts';
import { ensureSubscriber, removeSubscriber, switchSubscriber } from '../subscriber-rows.ts';
import { AddressRefusedError, requirePublicLiteral } from './send-request.ts';
import { subscriberOfWebhook } from './webhook-names.ts';
import { secretPlace, type WebhookSender, type WebhookSettings, type WebhookTarget } from './webhook-sender.ts';

type Inputs = ParsedInputs['webhooks'];
type WebhookRow = Omit<Webhook, 'subscriber'>;

const COLUMNS = 'id, org_id, name, url, types, user_id, enabled, secret_hint, created_at, updated_at';
/** So that secret scanners and people know one when they see it. */
const SECRET_PREFIX = 'whsec_';
const SECRET_BYTES = 32;
const HINT_LENGTH = 4;
/** A receiver that is slow must not keep the events of a webhook waiting one behind the other. */
const CONCURRENCY = 8;
const CURSOR = 'webhook deliveries';
const position = z.strictObject({ id: z.uuid() });

interface WebhooksDeps {
  database: Database;
  clock: Clock;
  secrets: SecretBox;
  sender: WebhookSender;
  delivery: EventDelivery;
  settings(scope: Scope): WebhookSettings;
}

export class Webhooks implements SubscriberSource {
  readonly #deps: WebhooksDeps;

  constructor(deps: WebhooksDeps) {
    this.#deps = deps;
  }

  async list(scope: Scope): Promise<DurableSubscriber[]> {
    const rows = (await this.all(scope)).filter(({ enabled }) => enabled);
    return rows.map((row) => this.#subscriberOf(scope, row));
  }

  async all(scope: Scope): Promise<Webhook[]> {
    const rows = await this.#deps.database.withScope(scope, (tx) =>
      tx.sql<WebhookRow>(`SELECT ${COLUMNS} FROM archon_webhooks WHERE org_id = $1 ORDER BY created_at, id`, [
        scope.org_id,
      ]),
    );
    return rows.map(toWebhook);
  }

  /** @throws ArchonError NOT_FOUND */
  async get(scope: Scope, id: string): Promise<Webhook> {
    return await this.#deps.database.withScope(scope, (tx) => read(tx, scope, id));
  }

  async create(scope: Scope, input: Inputs['create']): Promise<WebhookWithSecret> {
    this.#requireAllowed(scope, input.url);
    const id = uuidv7();
    const secret = newSecret();
    const now = isoTime(this.#deps.clock.now());
    const settled = await this.#deps.delivery.settledNow();
    const webhook = await this.#deps.database.withScope(scope, async (tx) => {
      const [row] = await tx.sql<WebhookRow>(
        `INSERT INTO archon_webhooks
           (org_id, id, name, url, types, user_id, enabled, secret_box, secret_hint, created_at, updated_at)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10
         WHERE (SELECT count(*) FROM archon_webhooks WHERE org_id = $1) < ${MAX_WEBHOOKS} RETURNING ${COLUMNS}`,
        [
          scope.org_id,
          id,
          input.name,
          input.url,
          input.types ?? null,
          input.user_id ?? null,
          input.enabled,
          this.#deps.secrets.seal(secret, secretPlace(scope, id)),
          secret.slice(-HINT_LENGTH),
          now,
        ],
      );
      if (row === undefined) {
        throw new ArchonError('CONFLICT', `There are ${MAX_WEBHOOKS} webhooks already: remove one that is not needed.`);
      }
      const webhook = toWebhook(row);
      await ensureSubscriber(tx, scope, this.#subscriberOf(scope, webhook), { settled, watched_since: now });
      await switchSubscriber(tx, scope, webhook.subscriber, input.enabled, settled);
      await tellOf(tx, scope, id);
      return webhook;
    });
    void this.#deps.delivery.refresh();
    return { ...webhook, secret };
  }

  async update(scope: Scope, { id, ...patch }: Inputs['update']): Promise<Webhook> {
    if (patch.url !== undefined) this.#requireAllowed(scope, patch.url);
    const settled = await this.#deps.delivery.settledNow();
    const webhook = await this.#deps.database.withScope(scope, async (tx) => {
      const before = await read(tx, scope, id, 'FOR UPDATE');
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      const after: Webhook = { ...before, ...given };
      const [row] = await tx.sql<WebhookRow>(
        `UPDATE archon_webhooks SET name = $3, url = $4, types = $5, user_id = $6, enabled = $7, updated_at = $8
         WHERE org_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
        [
          scope.org_id,
          id,
          after.name,
          after.url,
          after.types,
          after.user_id,
          after.enabled,
          isoTime(this.#deps.clock.now()),
        ],
      );
      if (row === undefined) throw notFound('webhook', id);
      await ensureSubscriber(tx, scope, this.#subscriberOf(scope, after), {
        settled,
        watched_since: before.created_at,
      });
      await switchSubscriber(tx, scope, before.subscriber, after.enabled, settled);
      await tellOf(tx, scope, id);
      return toWebhook(row);
    });
    if (patch.url !== undefined) this.#deps.sender.forget(scope, id);
    void this.#deps.delivery.refresh();
    return webhook;
  }

  async remove(scope: Scope, id: string): Promise<void> {
    const name = subscriberOfWebhook(id);
    const removed = await this.#deps.database.withScope(scope, async (tx) => {
      const rows = await tx.sql('DELETE FROM archon_webhooks WHERE org_id = $1 AND id = $2 RETURNING 1', [
        scope.org_id,
        id,
      ]);
      if (rows.length === 0) return false;
      await removeSubscriber(tx, scope, name, isoTime(this.#deps.clock.now()));
      await tellOf(tx, scope, id);
      return true;
    });
    if (!removed) throw notFound('webhook', id);
    this.#deps.sender.removed(scope, id);
    await this.#deps.delivery.drop(scope, name);
  }

  async rotateSecret(scope: Scope, id: string): Promise<WebhookWithSecret> {
    const secret = newSecret();
    const box = this.#deps.secrets.seal(secret, secretPlace(scope, id));
    const webhook = await this.#deps.database.withScope(scope, async (tx) => {
      const [row] = await tx.sql<WebhookRow>(
        `UPDATE archon_webhooks SET secret_box = $3, secret_hint = $4, updated_at = $5
         WHERE org_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
        [scope.org_id, id, box, secret.slice(-HINT_LENGTH), isoTime(this.#deps.clock.now())],
      );
      if (row === undefined) throw notFound('webhook', id);
      await tellOf(tx, scope, id);
      return toWebhook(row);
    });
    return { ...webhook, secret };
  }

  /** Sends a test event at once, whether the webhook is switched on or not. */
  async test(scope: Scope, id: string): Promise<WebhookDelivery> {
    const target = await this.#target(scope, id);
    const event = {
      id: '0',
      org_id: scope.org_id,
      type: 'webhook.test',
      user_id: null,
      actor: scope.actor,
      payload: { webhook_id: id },
      created_at: isoTime(this.#deps.clock.now()),
    };
    return await this.#deps.sender.send(scope, target, event, { attempt: 1, is_test: true });
  }

  async deliveries(
    scope: Scope,
    { id, cursor, limit }: Inputs['deliveries'],
  ): Promise<{ items: WebhookDelivery[]; next_cursor: string | null }> {
    const after = cursor === undefined ? null : decodeCursor(CURSOR, cursor, position).id;
    const rows = await this.#deps.database.withScope(scope, async (tx) => {
      await read(tx, scope, id);
      return await tx.sql<Omit<WebhookDelivery, 'event_id'> & { event_id: number | null }>(
        `SELECT id, webhook_id, event_id, event_type, attempt, at, duration_ms, outcome FROM archon_webhook_deliveries
         WHERE org_id = $1 AND webhook_id = $2 AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4`,
        [scope.org_id, id, after, limit + 1],
      );
    });
    const items = rows.slice(0, limit).map((row) => ({
      ...row,
      event_id: row.event_id === null ? null : String(row.event_id),
    }));
    const last = items.at(-1);
    return { items, next_cursor: rows.length > limit && last ? encodeCursor(CURSOR, { id: last.id }) : null };
  }

  #subscriberOf(scope: Scope, webhook: Webhook): DurableSubscriber {
    const { settings } = this.#deps;
    return {
      name: webhook.subscriber,
      types: webhook.types ?? undefined,
      user_id: webhook.user_id ?? undefined,
      concurrency: CONCURRENCY,
      // The request has a limit of its own; this one is for what is around it.
      get timeout_ms() {
        return settings(scope).timeout_ms + 10_000;
      },
      handle: async (event, context) => {
        // Read each time: a new URL or secret counts from the next request on, on every node.
        const target = await this.#target(context.scope, webhook.id);
        await this.#deps.sender.deliver(context.scope, target, event, context);
      },
    };
  }

  async #target(scope: Scope, id: string): Promise<WebhookTarget> {
    const [target] = await this.#deps.database.withScope(scope, (tx) =>
      tx.sql<WebhookTarget>('SELECT id, url, secret_box FROM archon_webhooks WHERE org_id = $1 AND id = $2', [
        scope.org_id,
        id,
      ]),
    );
    if (target === undefined) throw notFound('webhook', id);
    return target;
  }

  #requireAllowed(scope: Scope, url: string): void {
    if (this.#deps.settings(scope).allow_private) return;
    try {
      requirePublicLiteral(url);
    } catch (error) {
      if (error instanceof AddressRefusedError) throw invalidField('url', `is not allowed: ${error.message}`);
      throw error;
    }
  }
}

async function read(tx: Transaction, scope: Scope, id: string, lock = ''): Promise<Webhook> {
  const [row] = await tx.sql<WebhookRow>(
    `SELECT ${COLUMNS} FROM archon_webhooks WHERE org_id = $1 AND id = $2 ${lock}`,
    [scope.org_id, id],
  );
  if (row === undefined) throw notFound('webhook', id);
  return toWebhook(row);
}

/** Tells the log, and the other nodes, which look for subscribers again once the transaction is committed. */
async function tellOf(tx: Transaction, scope: Scope, id: string): Promise<void> {
  const event: NewEvent = { type: 'settings.changed', user_id: null, payload: { keys: [`webhooks.${id}`] } };
  await Promise.all([
    tx.run(recordEvents(scope, [event])),
    tx.sql('SELECT pg_notify($1, $2)', [HINT_CHANNEL, toPayload({ kind: 'settings', org_id: scope.org_id })]),
  ]);
}

const toWebhook = (row: WebhookRow): Webhook => ({ ...row, subscriber: subscriberOfWebhook(row.id) });

const newSecret = (): string => SECRET_PREFIX + randomBytes(SECRET_BYTES).toString('base64url');
