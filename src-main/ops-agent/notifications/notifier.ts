/**
 * Tells people of alerts: grouped, not too often, and by another way when one fails.
 *
 * What is to be sent is decided by `notification-plan.ts` and kept before it is sent, so that whoever leads next goes on
 * with it. Only the node that leads is told of rounds; one that leads no more sends nothing more.
 */
import { v7 as uuidv7 } from 'uuid';
import type { OpsReport } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import { notFound } from '../../errors.ts';
import { LOCAL_ORG_ID, type Scope } from '../../identity/scope.ts';
import type { OpsDeps } from '../deps.ts';
import type { AlertBook, AlertChange, DesktopNote, Dispatcher, Round } from '../parts.ts';
import type { Channels } from './channels.ts';
import { DeliveryBook, planChannel } from './delivery-book.ts';
import { DeliverySender } from './delivery-sender.ts';
import { FollowedNotes } from './followed-notes.ts';
import { clipped } from './messages/message.ts';
import { plan } from './notification-plan.ts';
import { dueAt } from './plan-flush.ts';
import { newDelivery, type PlanChannel } from './plan-state.ts';
import { CLAIM_MS, timingOf } from './timing.ts';

/** The timer looks at least so often: another node may have written what is to be sent. */
const LOOK_MS = 60_000;
const SUBJECT_LENGTH = 150;

export interface NotifierDeps extends OpsDeps {
  channels: Channels;
  alerts: AlertBook;
  /** 0 to 1; of the system unless a test names another. */
  random?: () => number;
  newId?: () => string;
}

export class Notifier implements Dispatcher {
  readonly #deps: NotifierDeps;
  readonly #book: DeliveryBook;
  readonly #sender: DeliverySender;
  readonly #followed: FollowedNotes;
  readonly #newId: () => string;
  /** Organisations of which rounds were told. */
  readonly #led = new Set<string>();
  /** Reports that a person here has sent, by organisation: they are sent from here, whoever leads. */
  readonly #own = new Map<string, Set<string>>();
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;

  constructor(deps: NotifierDeps) {
    this.#deps = deps;
    this.#newId = deps.newId ?? uuidv7;
    this.#book = new DeliveryBook(deps);
    this.#followed = new FollowedNotes(deps);
    this.#sender = new DeliverySender({
      ...deps,
      book: this.#book,
      newId: this.#newId,
      random: deps.random ?? Math.random,
      onSettled: (org_id) => {
        this.#guarded(org_id, () => this.#work(org_id));
        this.#schedule();
      },
    });
  }

  onDesktopNote(listener: (note: DesktopNote) => void): () => void {
    return this.#deps.channels.outlet.onDesktopNote(listener);
  }

  dispatch({ org_id }: Round, changes: readonly AlertChange[]): void {
    this.#led.add(org_id);
    this.#guarded(org_id, () => {
      for (const change of changes) this.#noteNamed(org_id, change);
      this.#work(org_id);
    });
    this.#schedule();
  }

  sendReport(
    { org_id }: Scope,
    report: OpsReport,
    document: { html: string; text: string },
    channel?: string,
  ): string[] {
    const channels = this.#deps.channels.all(org_id);
    if (channel !== undefined && !channels.some(({ id }) => id === channel)) throw notFound('channel', channel);
    const chosen = channels
      .map((one) => ({ ...planChannel(one), reports: one.draft.send_reports }))
      .filter((one) => (channel === undefined ? one.usable && one.reports : one.id === channel));
    const subject = clipped(
      `Archon report of ${report.to.slice(0, 10)}: ${report.summary.replaceAll(/\s+/g, ' ')}`,
      SUBJECT_LENGTH,
    );
    for (const one of chosen) this.#queueReport(org_id, one, { document, subject, by: report.created_by });
    this.#guarded(org_id, () => this.#work(org_id));
    this.#schedule();
    return chosen.map(({ draft }) => draft.name);
  }

  start(): void {
    this.#isStarted = true;
    this.#sender.start();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    clearTimeout(this.#timer);
    await this.#sender.stop();
  }

  /** Sends what is due. Done when everything that it began has come to its end. */
  async tick(): Promise<void> {
    for (const org_id of new Set([...this.#led, ...this.#own.keys()])) {
      this.#guarded(org_id, () => this.#work(org_id));
    }
    await this.#follow();
    this.#schedule();
    await this.#sender.idle();
    this.#schedule();
  }

  /** At a desktop alerts are those of the person at this computer. */
  async #follow(): Promise<void> {
    if (this.#deps.leads?.(LOCAL_ORG_ID) !== false) {
      this.#followed.leave();
      return;
    }
    try {
      await this.#followed.look(LOCAL_ORG_ID);
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'what another node tells could not be shown here');
    }
  }

  /** Of an organisation of which no round was told yet nothing is known. */
  #leads(org_id: string): boolean {
    return this.#led.has(org_id) && (this.#deps.leads?.(org_id) ?? true);
  }

  #work(org_id: string): void {
    if (this.#leads(org_id)) this.#workAsLeader(org_id);
    else this.#sendOwn(org_id);
  }

  #workAsLeader(org_id: string): void {
    const { clock, settings, channels, alerts, records } = this.#deps;
    this.#noteEscalated(org_id);
    const open = this.#book.open(org_id);
    const told = this.#book.told(org_id);
    const known = channels.all(org_id).map(planChannel);
    const done = plan({
      now_ms: clock.now(),
      alerts: [...this.#book.alerts(org_id, { open, told }).values()],
      channels: known,
      timing: timingOf(settings.of(org_id)),
      open,
      busy: new Set(open.filter((one) => this.#sender.isBusy(one)).map(({ id }) => id)),
      told,
      begun: new Map(known.map(({ id }) => [id, this.#book.use(org_id, id).begun_ms])),
      newId: this.#newId,
    });
    records.together(() => {
      for (const delivery of done.deliveries) this.#book.put(org_id, delivery);
      for (const one of done.told) this.#book.putTold(org_id, one);
      for (const [channel_id, begun_ms] of done.begun) {
        this.#book.putUse(org_id, { ...this.#book.use(org_id, channel_id), begun_ms });
      }
      for (const { alert_id, text } of done.unsaid) {
        alerts.tell(org_id, alert_id, { kind: 'not_notified', text, by: null, ref: null });
      }
    });
    for (const id of done.send) this.#sender.begin(org_id, id);
  }

  #sendOwn(org_id: string): void {
    const own = this.#own.get(org_id) ?? new Set();
    const open = new Map(this.#book.open(org_id).map((one) => [one.id, one]));
    for (const id of own) {
      const delivery = open.get(id);
      if (delivery === undefined) own.delete(id);
      else if ((dueAt(delivery) ?? 0) <= this.#deps.clock.now()) this.#sender.begin(org_id, id);
    }
    if (own.size === 0) this.#own.delete(org_id);
  }

  #queueReport(
    org_id: string,
    channel: PlanChannel,
    { document, subject, by }: { document: { html: string; text: string }; subject: string; by: string | null },
  ): void {
    const now_ms = this.#deps.clock.now();
    const delivery = newDelivery(
      this.#newId(),
      channel,
      { report: document, begun: true, claim: { node: this.#deps.node, until_ms: now_ms + CLAIM_MS } },
      { now_ms, state: { state: 'waiting', until: isoTime(now_ms), reason: 'sending' } },
    );
    const why = [by === null ? `“${channel.draft.name}” takes reports.` : `${by} had it sent.`];
    this.#book.put(org_id, { ...delivery, about: 'report', subject, why });
    const own = this.#own.get(org_id) ?? new Set();
    this.#own.set(org_id, own.add(delivery.id));
  }

  /** Also of a round that this process was not told of: whoever judged it may have ended before it told. */
  #noteEscalated(org_id: string): void {
    const { alerts } = this.#deps;
    for (const alert of alerts.active(org_id)) {
      const channels = alert.escalation === 0 ? [] : (alerts.escalatedTo?.(org_id, alert) ?? []);
      this.#noteNamed(org_id, { alert, channels });
    }
  }

  /** Channels that a step of the escalation names are told, whatever their routing says. */
  #noteNamed(org_id: string, { alert, channels }: Pick<AlertChange, 'alert' | 'channels'>): void {
    const known = channels.length === 0 ? [] : this.#deps.channels.all(org_id);
    for (const { id } of known.filter((one) => channels.includes(one.id))) {
      const before = this.#book.toldOf(org_id, id, alert.rule_id).alerts[alert.id];
      if (before?.named === true) continue;
      const wanted = { state: 'wanted', at_ms: this.#deps.clock.now(), escalation: 0 } as const;
      this.#book.setEntries(org_id, id, [{ alert, entry: { ...wanted, ...before, named: true } }]);
    }
  }

  /** Nothing that goes wrong here may end a round or the timer. */
  #guarded(org_id: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#deps.logger.error({ err: error, org_id }, 'alerts could not be handed over; it is tried again');
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (!this.#isStarted) return;
    const delay_ms = Math.max(0, Math.min(LOOK_MS, this.#nextDue() - this.#deps.clock.now()));
    this.#timer = setTimeout(() => void this.tick(), delay_ms).unref();
  }

  #nextDue(): number {
    const orgs = [...new Set([...this.#led, ...this.#own.keys()])].filter(
      (org_id) => this.#leads(org_id) || this.#own.has(org_id),
    );
    const due = orgs.flatMap((org_id) => {
      try {
        return this.#book
          .open(org_id)
          .filter((one) => !this.#sender.isBusy(one) && !this.#sender.isSending(org_id, one.channel_id))
          .flatMap((one) => dueAt(one) ?? []);
      } catch {
        return [];
      }
    });
    return Math.min(...due, Number.MAX_SAFE_INTEGER);
  }
}
