/** Sends messages: through each channel one at a time, through all of them at once, each bounded in time. */
import type { OpsAlertDetail } from '../../../src-contract/index.ts';
import { SendFailure } from '../../alerting/send-failure.ts';
import { isoTime } from '../../clock.ts';
import type { OpsDeps } from '../deps.ts';
import type { AlertBook } from '../parts.ts';
import type { DeliveryDocument } from '../records/documents.ts';
import type { Channel } from './channel.ts';
import type { Channels } from './channels.ts';
import { isOpen } from './delivery.ts';
import { type DeliveryBook, planChannel } from './delivery-book.ts';
import { type Attempt, type Outcome, outcomeOf } from './delivery-outcome.ts';
import { alertMessage, type Message } from './messages/message.ts';
import { dueAt } from './plan-flush.ts';
import { toldAlerts } from './plan-state.ts';
import { CLAIM_MS, repeatMs } from './timing.ts';

interface SenderDeps extends OpsDeps {
  book: DeliveryBook;
  channels: Channels;
  alerts: AlertBook;
  random(): number;
  newId(): string;
  /** A message has come to an end, or to its next attempt: there may be more to do. */
  onSettled(org_id: string): void;
}

export class DeliverySender {
  readonly #deps: SenderDeps;
  /** By organisation and channel. */
  readonly #sending = new Map<string, Promise<void>>();
  readonly #ids = new Set<string>();
  #stopping = new AbortController();

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /** Whether it is being sent, here or by another process that has not let go of it. */
  isBusy({ id, work }: DeliveryDocument): boolean {
    if (this.#ids.has(id)) return true;
    const { claim } = work;
    return claim !== null && claim.node !== this.#deps.node && claim.until_ms > this.#deps.clock.now();
  }

  isSending(org_id: string, channel_id: string): boolean {
    return this.#sending.has(keyOf(org_id, channel_id));
  }

  /** Unless something is sent through its channel just now: then it is its turn after that. */
  begin(org_id: string, id: string): void {
    const delivery = this.#deps.book.get(org_id, id);
    if (this.#stopping.signal.aborted || delivery === undefined || !isOpen(delivery) || this.isBusy(delivery)) return;
    const key = keyOf(org_id, delivery.channel_id);
    if (this.#sending.has(key)) return;
    this.#ids.add(id);
    const sending = this.#send(org_id, delivery)
      .catch((error) => this.#deps.logger.error({ err: error, org_id, delivery: id }, 'a message could not be sent'))
      .then(() => {
        this.#ids.delete(id);
        this.#sending.delete(key);
        if (!this.#stopping.signal.aborted) this.#deps.onSettled(org_id);
      });
    this.#sending.set(key, sending);
  }

  start(): void {
    this.#stopping = new AbortController();
  }

  /** Once nothing is being sent any more. */
  async idle(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending.values());
  }

  /** What is being sent is left for the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the ops agent stops'));
    await this.idle();
  }

  async #send(org_id: string, taken: DeliveryDocument): Promise<void> {
    const { book, clock, node } = this.#deps;
    const until_ms = clock.now() + CLAIM_MS;
    // Counted before it is tried: the process may end meanwhile.
    const work = { ...taken.work, attempts: taken.work.attempts + 1, claim: { node, until_ms } };
    const claimed: DeliveryDocument = {
      ...taken,
      state: { state: 'waiting', until: isoTime(until_ms), reason: 'sending' },
      work,
    };
    book.put(org_id, claimed);
    const alerts = book.alerts(org_id, { open: [claimed], told: [] });
    const attempt = await this.#attempt(org_id, claimed, alerts);
    if (attempt === undefined) {
      const state = { state: 'waiting', until: isoTime(clock.now()), reason: 'sending' } as const;
      book.put(org_id, { ...claimed, state, work: { ...work, claim: null } });
      return;
    }
    this.#settle(org_id, claimed, attempt, alerts);
  }

  /** Undefined when this process ends before it is known what came of it. */
  async #attempt(
    org_id: string,
    delivery: DeliveryDocument,
    alerts: ReadonlyMap<string, OpsAlertDetail>,
  ): Promise<Attempt | undefined> {
    const began = performance.now();
    try {
      await this.#throughChannel(org_id, delivery, alerts);
      return { ok: true, duration_ms: Math.round(performance.now() - began) };
    } catch (error) {
      if (this.#stopping.signal.aborted) return undefined;
      const duration_ms = Math.round(performance.now() - began);
      if (error instanceof SendFailure) {
        const { message, is_lasting, retry_after_ms } = error;
        return { ok: false, duration_ms, error: message, is_lasting, retry_after_ms };
      }
      this.#deps.logger.error({ err: error, delivery: delivery.id }, 'a message could not be sent');
      const why = 'It could not be sent for a reason that is in the log.';
      return { ok: false, duration_ms, error: why, is_lasting: false, retry_after_ms: null };
    }
  }

  async #throughChannel(
    org_id: string,
    delivery: DeliveryDocument,
    alerts: ReadonlyMap<string, OpsAlertDetail>,
  ): Promise<void> {
    const { channels, clock, settings } = this.#deps;
    const channel: Channel | undefined = channels.all(org_id).find(({ id }) => id === delivery.channel_id);
    if (channel?.route === undefined) {
      throw new SendFailure(channel?.problem ?? 'The channel was removed.', { is_lasting: true });
    }
    const config = settings.of(org_id);
    await channels.outlet.send(
      channel.route,
      messageOf(delivery, alerts, { now_ms: clock.now(), page_url: config['alerts.page_url'] }),
      {
        now_ms: clock.now(),
        allow_private: config['events.webhooks_allow_private'],
        repeat_ms: repeatMs(config),
        signal: this.#stopping.signal,
      },
    );
  }

  /** @param alerts as they were told: what came of one meanwhile is not */
  #settle(
    org_id: string,
    delivery: DeliveryDocument,
    attempt: Attempt,
    alerts: ReadonlyMap<string, OpsAlertDetail>,
  ): void {
    const { book, channels, clock, settings, random, newId } = this.#deps;
    const now_ms = clock.now();
    const { channel_id } = delivery;
    const outcome = outcomeOf(delivery, attempt, {
      now_ms,
      random: random(),
      channels: channels.all(org_id).map(planChannel),
      alerts,
      entry: book.entries(org_id),
      isOnItsWay: book.onTheirWay(org_id),
      repeat_ms: repeatMs(settings.of(org_id)),
      newId,
    });
    this.#deps.records.together(() => {
      book.setEntries(org_id, channel_id, outcome.told);
      if (outcome.instead !== undefined) book.put(org_id, outcome.instead);
      book.put(org_id, outcome.is_over ? outcome.delivery : this.#stillOurs(outcome.delivery));
      this.#noteUse(org_id, channel_id, attempt, now_ms);
    });
    this.#tell(org_id, delivery, attempt, outcome);
  }

  /** A report is sent again from where a person had it sent, also where another node leads. */
  #stillOurs(delivery: DeliveryDocument): DeliveryDocument {
    const due_ms = dueAt(delivery);
    if (delivery.work.report === null || due_ms === null) return delivery;
    const claim = { node: this.#deps.node, until_ms: due_ms + CLAIM_MS };
    return { ...delivery, work: { ...delivery.work, claim } };
  }

  #noteUse(org_id: string, channel_id: string, attempt: Attempt, now_ms: number): void {
    const { book } = this.#deps;
    const use = book.use(org_id, channel_id);
    const at = isoTime(now_ms);
    book.putUse(
      org_id,
      attempt.ok
        ? { ...use, last_sent_at: at, sent_ms: [...use.sent_ms.filter((ms) => ms > now_ms - HOUR_MS), now_ms] }
        : { ...use, last_failure: { at, error: attempt.error } },
    );
  }

  /** In the timeline of each alert. */
  #tell(org_id: string, delivery: DeliveryDocument, attempt: Attempt, { is_over, instead }: Outcome): void {
    if (!is_over) return;
    const name = delivery.channel_name;
    const failed = attempt.ok ? '' : `“${name}” could not be told: ${attempt.error}`;
    const text = attempt.ok
      ? `Told through “${name}”.`
      : `${failed}${instead === undefined ? '' : ` “${instead.channel_name}” is told instead.`}`;
    const kind = attempt.ok ? 'notified' : 'not_notified';
    for (const { alert_id } of delivery.work.items) {
      this.#deps.alerts.tell(org_id, alert_id, { kind, text, by: null, ref: delivery.id });
    }
  }
}

const HOUR_MS = 3600_000;

const keyOf = (org_id: string, channel_id: string): string => `${org_id}|${channel_id}`;

function messageOf(
  delivery: DeliveryDocument,
  alerts: ReadonlyMap<string, OpsAlertDetail>,
  given: { now_ms: number; page_url: string | null },
): Message {
  const { id, subject, work } = delivery;
  const at = isoTime(given.now_ms);
  if (work.report !== null) return { kind: 'report', delivery_id: id, at, subject, ...work.report };
  const told = toldAlerts(delivery, alerts);
  if (told.length === 0) throw new SendFailure('Its alerts could not be read; it is tried again.');
  return alertMessage(id, told, given);
}
