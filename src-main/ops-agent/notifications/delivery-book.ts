/** What the notifier keeps, and what it plans with. */
import type { OpsAlertDetail } from '../../../src-contract/index.ts';
import type { OpsDeps } from '../deps.ts';
import type { AlertBook } from '../parts.ts';
import type { ChannelUseDocument, DeliveryDocument, ToldDocument, ToldEntry } from '../records/documents.ts';
import type { Channel } from './channel.ts';
import { isOpen, MOST_OPEN } from './delivery.ts';
import { takesReports } from './messages/webhook-bodies.ts';
import { type PlanChannel, toldKey } from './plan-state.ts';

type BookDeps = Pick<OpsDeps, 'records' | 'clock'> & { alerts: AlertBook };

/** What is noted as told of an alert; undefined: nothing any more. */
interface AlertEntry {
  alert: Pick<OpsAlertDetail, 'id' | 'rule_id'>;
  entry: ToldEntry | undefined;
}

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

  /** What was told of alerts, read once for those of a rule. */
  entries(
    org_id: string,
  ): (channel_id: string, alert: Pick<OpsAlertDetail, 'id' | 'rule_id'>) => ToldEntry | undefined {
    const known = new Map<string, ToldDocument>();
    return (channel_id, { id, rule_id }) => {
      const key = toldKey(channel_id, rule_id);
      const told = known.get(key) ?? this.toldOf(org_id, channel_id, rule_id);
      known.set(key, told);
      return told.alerts[id];
    };
  }

  /** Whether a message through a channel is on its way that tells of an alert. */
  onTheirWay(org_id: string): (channel_id: string, alert_id: string) => boolean {
    const keys = new Set(
      this.open(org_id).flatMap(({ channel_id, work }) =>
        work.items.map(({ alert_id }) => toldKey(channel_id, alert_id)),
      ),
    );
    return (channel_id, alert_id) => keys.has(toldKey(channel_id, alert_id));
  }

  /** Those of a rule in one write: a message may tell of many. */
  setEntries(org_id: string, channel_id: string, entries: readonly AlertEntry[]): void {
    for (const [rule_id, ofRule] of Map.groupBy(entries, ({ alert }) => alert.rule_id)) {
      const told = this.toldOf(org_id, channel_id, rule_id);
      const alerts = new Map(Object.entries(told.alerts));
      for (const { alert, entry } of ofRule) {
        if (entry === undefined) alerts.delete(alert.id);
        else alerts.set(alert.id, entry);
      }
      this.putTold(org_id, { ...told, alerts: Object.fromEntries(alerts) });
    }
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
  const { target } = draft;
  const { kind } = target;
  const usable = enabled && (kind !== 'desktop' || route !== undefined);
  return { id, draft, kind, usable, keeps_alerts: target.kind === 'webhook' && !takesReports(target.preset) };
}
