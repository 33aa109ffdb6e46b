/** Alerts, from the first sign to the end. */
import type {
  OpsAlertDetail,
  OpsSeverity,
  OpsSilence,
  OpsTimelineEntry,
  Outputs,
  ParsedInputs,
} from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import { ArchonError, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import type { OpsDeps } from '../deps.ts';
import type { AlertBook, AlertChange, Judge, Round } from '../parts.ts';
import type { RemarkDocument } from '../records/documents.ts';
import type { Rules } from '../rules/rules.ts';
import type { AlertsService } from '../services.ts';
import { AlertJudge } from './alert-judge.ts';
import { listAlerts } from './alert-list.ts';
import { AlertStore } from './alert-store.ts';
import { isOver, type KeptAlert, shownAlert } from './kept-alert.ts';
import { matchesAlert } from './matchers.ts';
import { Remarks, withRemarks } from './remarks.ts';
import { Silences, silenceFor } from './silences.ts';
import { withEntry } from './timeline.ts';

type Inputs = ParsedInputs['opsAlerts'];
type List = Outputs['opsAlerts']['list'];

export class Alerts implements AlertsService, AlertBook, Judge {
  readonly #deps: OpsDeps;
  readonly #rules: Rules;
  readonly #store: AlertStore;
  readonly #remarks: Remarks;
  readonly #silences: Silences;
  readonly #judge: AlertJudge;

  constructor({ rules, ...deps }: OpsDeps & { rules: Rules }) {
    this.#deps = deps;
    this.#rules = rules;
    this.#store = new AlertStore(deps);
    this.#remarks = new Remarks(deps.records);
    this.#silences = new Silences(deps);
    const { logger } = deps;
    this.#judge = new AlertJudge({
      rules,
      logger,
      store: this.#store,
      remarks: this.#remarks,
      silences: this.#silences,
    });
    rules.countFiring((org_id) => this.#firing(org_id));
  }

  judge(round: Round): readonly AlertChange[] {
    return this.#judge.judge(round);
  }

  active(org_id: string): readonly OpsAlertDetail[] {
    return this.#ifReadable([], () => this.#active(org_id));
  }

  tell(org_id: string, alert_id: string, entry: Omit<OpsTimelineEntry, 'at'>): void {
    const at = isoTime(this.#deps.clock.now());
    this.#change(org_id, alert_id, (alert) => ({ ...alert, timeline: withEntry(alert.timeline, { ...entry, at }) }));
  }

  setCause(org_id: string, alert_id: string, cause: string): void {
    this.#change(org_id, alert_id, (alert) => ({ ...alert, cause, inner: { ...alert.inner, cause_found: true } }));
  }

  attemptsUsedUp(org_id: string, alert_id: string): void {
    this.#change(org_id, alert_id, (alert) =>
      alert.inner.attempts_used_up ? alert : { ...alert, inner: { ...alert.inner, attempts_used_up: true } },
    );
  }

  escalatedTo(org_id: string, { id, rule_id, escalation }: OpsAlertDetail): readonly string[] {
    if (escalation === 0) return [];
    return this.#ifReadable([], () => {
      const steps = this.#store.find(org_id, id)?.inner.steps ?? [];
      const rule = this.#rules.all(org_id).find((one) => one.id === rule_id);
      return steps.flatMap((place) => rule?.escalation[place]?.channels ?? []);
    });
  }

  actionsHeld(org_id: string, alert_id: string): boolean {
    return this.#ifReadable(false, () => {
      const alert = this.#store.find(org_id, alert_id);
      if (!alert) return false;
      return this.#silences
        .holding(org_id)
        .some(({ hold_actions, matchers }) => hold_actions && matchesAlert(matchers, alert));
    });
  }

  async list({ org_id }: Scope, input: Inputs['list']): Promise<List> {
    const live = new Map(this.#active(org_id).map((alert) => [alert.id, alert]));
    const page = await listAlerts(this.#deps.records, org_id, input, (alert) => live.get(alert.id) ?? alert);
    return { ...page, active: countsOf([...live.values()]) };
  }

  get(scope: Scope, alert_id: string): OpsAlertDetail;
  get(org_id: string, alert_id: string): OpsAlertDetail | undefined;
  get(whose: Scope | string, alert_id: string): OpsAlertDetail | undefined {
    if (typeof whose === 'string') return this.#ifReadable(undefined, () => this.#find(whose, alert_id));
    const alert = this.#find(whose.org_id, alert_id);
    if (!alert) throw notFound('alert', alert_id);
    return alert;
  }

  acknowledge(scope: Scope, { alert, note }: Inputs['acknowledge']): OpsAlertDetail {
    if (isOver(this.get(scope, alert))) {
      throw new ArchonError('CONFLICT', 'This alert is over: there is nothing to be at. A note can be added.');
    }
    return this.#remark(scope, alert, 'acknowledged', note ?? null);
  }

  unacknowledge(scope: Scope, alert_id: string): OpsAlertDetail {
    const alert = this.get(scope, alert_id);
    if (isOver(alert)) throw new ArchonError('CONFLICT', 'This alert is over: nobody has to be at it.');
    return alert.acknowledged === null ? alert : this.#remark(scope, alert_id, 'unacknowledged', null);
  }

  note(scope: Scope, { alert, text }: Inputs['note']): OpsAlertDetail {
    this.get(scope, alert);
    return this.#remark(scope, alert, 'noted', text);
  }

  silences(scope: Scope): { items: OpsSilence[] } {
    return { items: this.#silences.list(scope, this.#active(scope.org_id)) };
  }

  silence(scope: Scope, input: Inputs['silence']): OpsSilence {
    return this.#silences.add(scope, input, this.#active(scope.org_id));
  }

  endSilence(scope: Scope, silence_id: string): OpsSilence {
    return this.#silences.end(scope, silence_id, this.#active(scope.org_id));
  }

  #active(org_id: string): OpsAlertDetail[] {
    return [...this.#store.active(org_id).values()].map((alert) => this.#shown(org_id, alert));
  }

  #find(org_id: string, alert_id: string): OpsAlertDetail | undefined {
    const alert = this.#store.find(org_id, alert_id);
    return alert && this.#shown(org_id, alert);
  }

  /** With what was said and silenced since the last round. */
  #shown(org_id: string, kept: KeptAlert): OpsAlertDetail {
    const said = this.#remarks.open(org_id).get(kept.id) ?? [];
    const alert = withRemarks(shownAlert(kept), said);
    return isOver(alert)
      ? alert
      : { ...alert, silenced_by: silenceFor(alert, this.#silences.holding(org_id))?.id ?? null };
  }

  #remark(scope: Scope, alert_id: string, kind: RemarkDocument['kind'], text: string | null): OpsAlertDetail {
    const at = isoTime(this.#deps.clock.now());
    this.#remarks.add(scope.org_id, { alert_id, kind, text, by: scope.actor, at });
    return this.get(scope, alert_id);
  }

  /** What comes up outside of a round; written together with what else does. */
  #change(org_id: string, alert_id: string, change: (alert: KeptAlert) => KeptAlert): void {
    this.#ifReadable(undefined, () => {
      const alert = this.#store.find(org_id, alert_id);
      const changed = alert && change(alert);
      if (!changed || changed === alert) return;
      this.#store.keep(org_id, changed, { write: true });
      this.#store.flushSoon(org_id);
    });
  }

  #firing(org_id: string): Map<string, number> {
    const firing = new Map<string, number>();
    for (const { rule_id, state } of this.#store.active(org_id).values()) {
      if (state.state !== 'pending') firing.set(rule_id, (firing.get(rule_id) ?? 0) + 1);
    }
    return firing;
  }

  /** The healer and the dispatcher go on whatever becomes of the file. */
  #ifReadable<T>(otherwise: T, read: () => T): T {
    try {
      return read();
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'alerts cannot be read');
      return otherwise;
    }
  }
}

function countsOf(alerts: readonly OpsAlertDetail[]): List['active'] {
  const by_severity: Record<OpsSeverity, number> = { low: 0, medium: 0, high: 0, critical: 0 };
  let pending = 0;
  for (const { state, severity } of alerts) {
    if (state.state === 'pending') pending += 1;
    else by_severity[severity] += 1;
  }
  return { pending, firing: alerts.length - pending, by_severity };
}
