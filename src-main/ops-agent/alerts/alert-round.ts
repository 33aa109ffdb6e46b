/** The alerts of one round while it is judged: what became of each, gathered before anything is written or told. */
import type { OpsAlertDetail, OpsLabels, OpsRule } from '../../../src-contract/index.ts';
import type { AlertChange } from '../parts.ts';
import { labelsKey } from '../rules/seen.ts';
import { noted, type Outcome } from './alert-steps.ts';
import type { AlertStore } from './alert-store.ts';
import { durationText } from './amounts.ts';
import { dueSteps, severityOf } from './escalation.ts';
import { causesOf } from './inhibition.ts';
import { isOver, type KeptAlert, shownAlert } from './kept-alert.ts';
import { hasRemark, type Remark, withRemarks } from './remarks.ts';
import { type SilenceDocument, silenceFor } from './silences.ts';

export interface Judged {
  /** As it was before the round; undefined for one that begins. */
  readonly before: KeptAlert | undefined;
  /** Of its series. */
  readonly key: string;
  alert: KeptAlert;
  what: AlertChange['what'][];
  channels: string[];
}

/** The labels of an alert stay the same from round to round. */
const KEYS = new WeakMap<OpsLabels, string>();

function keyOf({ inner: { series } }: KeptAlert): string {
  const known = KEYS.get(series);
  if (known !== undefined) return known;
  const key = labelsKey(series);
  KEYS.set(series, key);
  return key;
}

export class AlertRound {
  readonly #judged = new Map<string, Judged>();

  constructor(active: ReadonlyMap<string, KeptAlert>) {
    for (const [id, alert] of active) {
      const key = keyOf(alert);
      this.#judged.set(id, { before: alert, key, alert, what: [], channels: [] });
    }
  }

  get size(): number {
    return this.#judged.size;
  }

  has(id: string): boolean {
    return this.#judged.has(id);
  }

  /** Those that are not over, nor dropped. */
  live(): Judged[] {
    return [...this.#judged.values()].filter((judged) => !isGone(judged));
  }

  add(outcome: Outcome | undefined): void {
    if (!outcome) return;
    const { alert, what } = outcome;
    const key = keyOf(alert);
    this.#judged.set(alert.id, { before: undefined, key, alert, what: what ? [what] : [], channels: [] });
  }

  set(judged: Judged, { alert, what }: Outcome): void {
    judged.alert = alert;
    if (what) judged.what.push(what);
  }

  remark(remarks: ReadonlyMap<string, readonly Remark[]>): void {
    for (const [alert_id, said] of remarks) {
      const judged = this.#judged.get(alert_id);
      if (!judged) continue;
      const isNew = said.some(({ id, document }) => document.kind === 'acknowledged' && !hasRemark(judged.alert, id));
      judged.alert = withRemarks(judged.alert, said);
      if (isNew && judged.alert.acknowledged) judged.what.push('acknowledged');
    }
  }

  /** What is kept quiet, by a silence or since it is the consequence of another alert. */
  quieten(silences: readonly SilenceDocument[], at: string): void {
    const live = this.live();
    const causes = causesOf(live.map(({ alert }) => alert));
    for (const judged of live) {
      judged.alert = silenced(judged.alert, silences, at);
      judged.alert = this.#inhibited(judged.alert, causes.get(judged.alert.id) ?? null, at);
    }
  }

  #inhibited(alert: KeptAlert, cause_id: string | null, at: string): KeptAlert {
    if (alert.inhibited_by === cause_id) return alert;
    const cause = cause_id === null ? undefined : this.#judged.get(cause_id)?.alert;
    const text = cause ? `A consequence of: ${cause.summary}` : 'Not a consequence of another alert any more';
    const ref = cause_id ?? alert.inhibited_by ?? '';
    return { ...noted(alert, { at, kind: 'inhibited', text, ref }), inhibited_by: cause_id };
  }

  escalate(rules: readonly OpsRule[], at: string): void {
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    for (const judged of this.live()) {
      const rule = byId.get(judged.alert.rule_id);
      if (rule && judged.alert.state.state === 'firing') escalateOne(judged, rule, at);
    }
  }

  /** @param isItsTurn whether one is written that says nothing new but a value, by its place */
  keepIn(store: AlertStore, org_id: string, isItsTurn: (place: number) => boolean): void {
    for (const [place, judged] of [...this.#judged.values()].entries()) {
      const { before, alert, what } = judged;
      if (before === alert) continue;
      // One that never fired leaves no trace; the twin of another does.
      if (what.includes('dropped') && !isOver(alert)) store.drop(org_id, alert.id);
      else store.keep(org_id, alert, { write: before === undefined || saysMore(before, alert) || isItsTurn(place) });
    }
  }

  changes(): AlertChange[] {
    return [...this.#judged.values()].flatMap(({ what, alert, channels }) => {
      const shown: OpsAlertDetail[] = what.length > 0 ? [shownAlert(alert)] : [];
      return shown.flatMap((one) =>
        what.map((each) => ({ what: each, alert: one, channels: each === 'escalated' ? channels : [] })),
      );
    });
  }
}

const isGone = ({ alert, what }: Judged): boolean => isOver(alert) || what.includes('dropped');

function silenced(alert: KeptAlert, silences: readonly SilenceDocument[], at: string): KeptAlert {
  const silence = silenceFor(alert, silences);
  if (alert.silenced_by === (silence?.id ?? null)) return alert;
  const text = silence ? `Kept quiet by ${silence.created_by}: ${silence.reason}` : 'Not kept quiet any more';
  const ref = silence?.id ?? alert.silenced_by ?? '';
  return { ...noted(alert, { at, kind: 'silenced', text, ref }), silenced_by: silence?.id ?? null };
}

function escalateOne(judged: Judged, rule: OpsRule, at: string): void {
  const { alert } = judged;
  const { acknowledged, silenced_by, inhibited_by, inner } = alert;
  const calm = acknowledged !== null || silenced_by !== null || inhibited_by !== null;
  const due = dueSteps(rule.escalation, { ...inner, calm });
  if (due.length === 0) return;
  const steps = [...inner.steps, ...due];
  const severity = severityOf(rule, steps);
  const text = due.map((place) => whyOf(rule, place)).join('; ');
  judged.alert = {
    ...noted(alert, { at, kind: 'escalated', text: `${text}: ${severity} now` }),
    severity,
    // What a rule tells nobody of is told once the agent alone gets no further.
    notify: true,
    escalation: steps.length,
    inner: { ...inner, steps },
  };
  judged.what.push('escalated');
  judged.channels.push(...new Set(due.flatMap((place) => rule.escalation[place]?.channels ?? [])));
}

function whyOf(rule: OpsRule, place: number): string {
  const after = rule.escalation[place]?.after;
  return after?.kind === 'seconds'
    ? `It has fired for ${durationText(after.seconds)}`
    : 'What was tried has not helped';
}

/** Whether it says something that is written at once. */
function saysMore(before: KeptAlert, alert: KeptAlert): boolean {
  return (
    before.timeline !== alert.timeline ||
    before.state.state !== alert.state.state ||
    before.severity !== alert.severity ||
    before.notify !== alert.notify ||
    before.cause !== alert.cause ||
    before.acknowledged !== alert.acknowledged ||
    (before.unknown_since === null) !== (alert.unknown_since === null)
  );
}
