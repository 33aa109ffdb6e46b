/** Alerts for tests. */
import type { OpsAlertDetail, OpsTimelineEntry } from '../../src-contract/index.ts';
import { isoTime } from '../../src-main/clock.ts';
import type { AlertBook } from '../../src-main/ops-agent/parts.ts';

export const START_MS = Date.parse('2026-01-05T12:00:00.000Z');

export function alertSample(number: number, given: Partial<OpsAlertDetail> = {}): OpsAlertDetail {
  const since = isoTime(START_MS);
  return {
    id: idOf(number),
    fingerprint: `f${number}`,
    rule_id: 'disk-full',
    rule_name: 'Disk in use',
    severity: 'high',
    labels: { node: 'one' },
    summary: `Disk in use is 91 %, alert ${number}.`,
    cause: null,
    advice: 'Make room.',
    signal: 'disk_percent',
    value: 91,
    worst: 93,
    limit: 85,
    notify: true,
    state: { state: 'firing', since },
    started_at: since,
    ended_at: null,
    fired: 1,
    unknown_since: null,
    acknowledged: null,
    silenced_by: null,
    inhibited_by: null,
    escalation: 0,
    timeline: [],
    ...given,
  };
}

export const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** Alerts as a test sets them. */
export class SampleBook implements AlertBook {
  /** False: it tells nothing, as where its store cannot be read. */
  isReadable = true;
  readonly #alerts = new Map<string, OpsAlertDetail>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  set(alert: OpsAlertDetail): void {
    this.#alerts.set(alert.id, alert);
  }

  change(id: string, given: Partial<OpsAlertDetail>): void {
    const alert = this.#alerts.get(id);
    if (alert === undefined) throw new Error(`no alert ${id}`);
    this.#alerts.set(id, { ...alert, ...given });
  }

  resolve(id: string): void {
    const at = isoTime(this.#now());
    this.change(id, { state: { state: 'resolved', since: this.get('', id)?.started_at ?? at, at }, ended_at: at });
  }

  active(_org_id: string): readonly OpsAlertDetail[] {
    return [...(this.isReadable ? this.#alerts.values() : [])].filter(({ state }) => state.state !== 'resolved');
  }

  get(_org_id: string, alert_id: string): OpsAlertDetail | undefined {
    return this.isReadable ? this.#alerts.get(alert_id) : undefined;
  }

  tell(_org_id: string, alert_id: string, entry: Omit<OpsTimelineEntry, 'at'>): void {
    const timeline = this.#alerts.get(alert_id)?.timeline ?? [];
    this.change(alert_id, { timeline: [...timeline, { ...entry, at: isoTime(this.#now()) }] });
  }

  setCause(): void {}

  attemptsUsedUp(): void {}

  actionsHeld(): boolean {
    return false;
  }
}
