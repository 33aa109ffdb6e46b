/** What the notifier keeps, and what it plans with. */
import type { OpsAlertDetail } from '../../../src-contract/index.ts';
import type { OpsDeps } from '../deps.ts';
import type { AlertBook } from '../parts.ts';
import type { ChannelUseDocument, DeliveryDocument, ToldDocument } from '../records/documents.ts';
import type { Channel } from './channel.ts';
import { isOpen, MOST_OPEN } from './delivery.ts';
import { type PlanChannel, toldKey } from './plan-state.ts';

type BookDeps = Pick<OpsDeps, 'records' | 'clock'> & { alerts: AlertBook };

export class DeliveryBook {
  readonly #deps: BookDeps;

  constructor(deps: BookDeps) {
    this.#deps = deps;
  }

  open(org_id: string): DeliveryDocument[] {
    return this.#deps.records
      .list(org_id, 'delivery', { open: true, limit: MOST_OPEN })
      .map(({ document }) => document);
  }

  get(org_id: string, id: string): DeliveryDocument | undefined {
    return this.#deps.records.get(org_id, 'delivery', id);
  }

  put(org_id: string, delivery: DeliveryDocument): void {
    this.#deps.records.put(org_id, 'delivery', {
      id: delivery.id,
      at_ms: Date.parse(delivery.created_at),
      open: isOpen(delivery),
      document: delivery,
    });
  }

  told(org_id: string): ToldDocument[] {
    return this.#deps.records.list(org_id, 'told', { limit: MOST_OPEN }).map(({ document }) => document);
  }

  toldOf(org_id: string, channel_id: string, rule_id: string): ToldDocument {
    return (
      this.#deps.records.get(org_id, 'told', toldKey(channel_id, rule_id)) ?? {
        channel_id,
        rule_id,
        last_sent_ms: null,
        alerts: {},
      }
    );
  }

  putTold(org_id: string, told: ToldDocument): void {
    this.#deps.records.put(org_id, 'told', {
      id: toldKey(told.channel_id, told.rule_id),
      at_ms: this.#deps.clock.now(),
      open: Object.keys(told.alerts).length > 0,
      document: told,
    });
  }

  setEntry(
    org_id: string,
    channel_id: string,
    alert: OpsAlertDetail,
    entry: ToldDocument['alerts'][string] | undefined,
  ) {
    const told = this.toldOf(org_id, channel_id, alert.rule_id);
    const { [alert.id]: _old, ...others } = told.alerts;
    this.putTold(org_id, { ...told, alerts: entry === undefined ? others : { ...others, [alert.id]: entry } });
  }

  use(org_id: string, channel_id: string): ChannelUseDocument {
    return (
      this.#deps.records.get(org_id, 'channel_use', channel_id) ?? {
        channel_id,
        begun_ms: [],
        sent_ms: [],
        last_sent_at: null,
        last_failure: null,
      }
    );
  }

  putUse(org_id: string, use: ChannelUseDocument): void {
    this.#deps.records.put(org_id, 'channel_use', {
      id: use.channel_id,
      at_ms: this.#deps.clock.now(),
      open: false,
      document: use,
    });
  }

  /** Alerts that are not over, and those that messages and what was told name. */
  alerts(
    org_id: string,
    { open, told }: { open: readonly DeliveryDocument[]; told: readonly ToldDocument[] },
  ): Map<string, OpsAlertDetail> {
    const alerts = new Map(this.#deps.alerts.active(org_id).map((alert) => [alert.id, alert]));
    const named = [
      ...open.flatMap(({ work }) => work.items.map(({ alert_id }) => alert_id)),
      ...told.flatMap((one) => Object.keys(one.alerts)),
    ];
    for (const id of new Set(named)) {
      const alert = alerts.has(id) ? undefined : this.#deps.alerts.get(org_id, id);
      if (alert !== undefined) alerts.set(id, alert);
    }
    return alerts;
  }
}

/** A desktop that nobody looks at is no failure; any other problem of a channel is told as one. */
export function planChannel({ id, draft, enabled, route }: Channel): PlanChannel {
  const { kind } = draft.target;
  return { id, draft, kind, usable: enabled && (kind !== 'desktop' || route !== undefined) };
}
