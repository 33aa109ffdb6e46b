/** What a plan works on: messages that are not over, what was told, and what of it has changed. */
import type { OpsAlertDetail, OpsChannelDraft, OpsDelivery } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { DeliveryDocument, DeliveryItem, ToldDocument } from '../records/documents.ts';
import { isOpen } from './delivery.ts';
import { aboutOf, alertMessage, severityOf, type ToldAlert } from './messages/message.ts';
import type { Timing } from './timing.ts';

export interface PlanChannel {
  id: string;
  draft: Pick<
    OpsChannelDraft,
    'name' | 'min_severity' | 'matchers' | 'send_resolved' | 'quiet_hours' | 'most_per_hour' | 'fallback'
  >;
  kind: OpsDelivery['kind'];
  /** It is on, and for a desktop there is somebody to show it. */
  usable: boolean;
  /** It leads to a system that keeps alerts until it is told of their end, and ignores the end of one it does not know. */
  keeps_alerts: boolean;
}

export interface PlanInput {
  now_ms: number;
  /** Those that are not resolved, and those that messages and what was told name. */
  alerts: readonly OpsAlertDetail[];
  channels: readonly PlanChannel[];
  timing: Timing;
  /** Messages that are not over. */
  open: readonly DeliveryDocument[];
  /** Of these, by id, those that are being sent: they stay as they are. */
  busy: ReadonlySet<string>;
  told: readonly ToldDocument[];
  /** When messages were handed over, by channel. */
  begun: ReadonlyMap<string, readonly number[]>;
  newId(): string;
}

export interface Plan {
  deliveries: DeliveryDocument[];
  told: ToldDocument[];
  begun: Map<string, number[]>;
  /** Ids of messages to be sent now. */
  send: string[];
  /** Why nobody was told of an alert. */
  unsaid: { alert_id: string; text: string }[];
}

/** Alerts that one message tells of: a receiver that takes them one by one gets through with these in its time. */
export const MOST_ITEMS = 200;

export type Entry = ToldDocument['alerts'][string];
const HOUR_MS = 3600_000;

export class PlanState {
  readonly input: PlanInput;
  readonly alerts: ReadonlyMap<string, OpsAlertDetail>;
  readonly send: string[] = [];
  readonly unsaid: Plan['unsaid'] = [];
  readonly #deliveries = new Map<string, DeliveryDocument>();
  readonly #changed = new Set<string>();
  /** Messages that are not over, by channel and alert. */
  readonly #onItsWay = new Map<string, number>();
  readonly #told = new Map<string, ToldDocument>();
  readonly #toldChanged = new Set<string>();
  readonly #begun = new Map<string, number[]>();

  constructor(input: PlanInput) {
    this.input = input;
    this.alerts = new Map(input.alerts.map((alert) => [alert.id, alert]));
    for (const delivery of input.open) this.#set(delivery);
    for (const one of input.told) this.#told.set(toldKey(one.channel_id, one.rule_id), one);
  }

  get now_ms(): number {
    return this.input.now_ms;
  }

  /** Messages that are not over and that nobody sends just now, oldest first. */
  idle(): DeliveryDocument[] {
    return this.open().filter(({ id }) => !this.input.busy.has(id));
  }

  open(): DeliveryDocument[] {
    return [...this.#deliveries.values()]
      .filter(isOpen)
      .sort((a, b) => a.created_at.localeCompare(b.created_at) || a.id.localeCompare(b.id));
  }

  /** Messages of alerts that are not handed over yet. */
  batches(channel_id: string): DeliveryDocument[] {
    return this.idle().filter(({ channel_id: of, work }) => of === channel_id && !work.begun && work.report === null);
  }

  /** Whether a message through the channel is on its way that tells of the alert. */
  isOnItsWay(channel_id: string, alert_id: string): boolean {
    return (this.#onItsWay.get(toldKey(channel_id, alert_id)) ?? 0) > 0;
  }

  put(delivery: DeliveryDocument): void {
    this.#set(delivery);
    this.#changed.add(delivery.id);
  }

  #set(delivery: DeliveryDocument): void {
    const before = this.#deliveries.get(delivery.id);
    if (before !== undefined) this.#count(before, -1);
    this.#count(delivery, 1);
    this.#deliveries.set(delivery.id, delivery);
  }

  #count(delivery: DeliveryDocument, by: 1 | -1): void {
    if (!isOpen(delivery)) return;
    for (const { alert_id } of delivery.work.items) {
      const key = toldKey(delivery.channel_id, alert_id);
      this.#onItsWay.set(key, (this.#onItsWay.get(key) ?? 0) + by);
    }
  }

  create(channel: PlanChannel, work: Partial<DeliveryDocument['work']>, state: OpsDelivery['state']): DeliveryDocument {
    const delivery = newDelivery(this.input.newId(), channel, work, { state, now_ms: this.now_ms });
    this.put(delivery);
    return delivery;
  }

  /** What follows from its items is told when all is planned. */
  withItems(delivery: DeliveryDocument, items: DeliveryItem[]): DeliveryDocument {
    return { ...delivery, work: { ...delivery.work, items } };
  }

  drop(delivery: DeliveryDocument, reason: string): void {
    this.put({ ...delivery, state: { state: 'dropped', at: isoTime(this.now_ms), reason } });
  }

  entry(channel_id: string, alert: { id: string; rule_id: string }): Entry | undefined {
    return this.#told.get(toldKey(channel_id, alert.rule_id))?.alerts[alert.id];
  }

  /** Undefined forgets it. */
  setEntry(channel_id: string, alert: { id: string; rule_id: string }, entry: Entry | undefined): void {
    const before = this.#toldOf(channel_id, alert.rule_id);
    const { [alert.id]: _old, ...others } = before.alerts;
    this.#putTold({ ...before, alerts: entry === undefined ? others : { ...others, [alert.id]: entry } });
  }

  lastSent(channel_id: string, rule_id: string): number | null {
    return this.#told.get(toldKey(channel_id, rule_id))?.last_sent_ms ?? null;
  }

  noteSent(channel_id: string, rule_id: string): void {
    this.#putTold({ ...this.#toldOf(channel_id, rule_id), last_sent_ms: this.now_ms });
  }

  allTold(): ToldDocument[] {
    return [...this.#told.values()];
  }

  /** Messages that were handed over within the last hour. */
  begunOf(channel_id: string): readonly number[] {
    const times = this.#begun.get(channel_id) ?? this.input.begun.get(channel_id) ?? [];
    return times.filter((at_ms) => at_ms > this.now_ms - HOUR_MS && at_ms <= this.now_ms);
  }

  noteBegun(channel_id: string): void {
    this.#begun.set(channel_id, [...this.begunOf(channel_id), this.now_ms]);
  }

  get plan(): Plan {
    return {
      deliveries: [...this.#changed].flatMap((id) => this.#deliveries.get(id) ?? []).map((one) => this.#described(one)),
      told: [...this.#toldChanged].flatMap((key) => this.#told.get(key) ?? []),
      begun: this.#begun,
      send: this.send,
      unsaid: this.unsaid,
    };
  }

  #described(delivery: DeliveryDocument): DeliveryDocument {
    // One that was held tells what it was about when others took its place.
    return delivery.work.items.length === 0 ? delivery : describe(delivery, this.alerts);
  }

  #toldOf(channel_id: string, rule_id: string): ToldDocument {
    return this.#told.get(toldKey(channel_id, rule_id)) ?? { channel_id, rule_id, last_sent_ms: null, alerts: {} };
  }

  #putTold(told: ToldDocument): void {
    const key = toldKey(told.channel_id, told.rule_id);
    this.#told.set(key, told);
    this.#toldChanged.add(key);
  }
}

/** Of what was told of a rule, or of an alert, through a channel. */
export const toldKey = (channel_id: string, id: string): string => `${channel_id}|${id}`;

export function newDelivery(
  id: string,
  channel: PlanChannel,
  work: Partial<DeliveryDocument['work']>,
  { state, now_ms }: { state: OpsDelivery['state']; now_ms: number },
): DeliveryDocument {
  return {
    id,
    channel_id: channel.id,
    channel_name: channel.draft.name,
    kind: channel.kind,
    about: 'firing',
    severity: null,
    subject: '',
    alert_ids: [],
    state,
    why: [],
    created_at: isoTime(now_ms),
    duration_ms: null,
    work: { rule_id: null, items: [], begun: false, attempts: 0, claim: null, tried: [], report: null, ...work },
  };
}

/** What follows from its items. */
export function describe(delivery: DeliveryDocument, alerts: ReadonlyMap<string, OpsAlertDetail>): DeliveryDocument {
  const told = toldAlerts(delivery, alerts);
  return {
    ...delivery,
    about: aboutOf(told.map(({ about }) => about)),
    severity: severityOf(told),
    subject: alertMessage(delivery.id, told, { now_ms: 0, page_url: null }).subject,
    alert_ids: told.map(({ alert }) => alert.id),
  };
}

export function toldAlerts({ work }: DeliveryDocument, alerts: ReadonlyMap<string, OpsAlertDetail>): ToldAlert[] {
  return work.items.flatMap(({ alert_id, about }) => {
    const alert = alerts.get(alert_id);
    return alert === undefined ? [] : [{ alert, about }];
  });
}
