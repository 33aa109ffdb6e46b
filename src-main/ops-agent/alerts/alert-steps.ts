/** An alert from round to round: what a verdict makes of it. Pure. */
import { createHash } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { OpsLabels, OpsRule, OpsTimelineEntry } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { AlertChange } from '../parts.ts';
import { type Verdict, worse } from '../rules/evaluate.ts';
import { labelsKey } from '../rules/seen.ts';
import { type Step, step } from './alert-machine.ts';
import { durationText } from './amounts.ts';
import { severityOf } from './escalation.ts';
import { calmFor } from './flapping.ts';
import { countsOf, type KeptAlert, machineOf, newInner, stateOf } from './kept-alert.ts';
import { summaryOf } from './summary.ts';
import { withEntry } from './timeline.ts';

export interface RoundTime {
  at_ms: number;
  elapsed_ms: number;
  /** Whether a sentence must say at which node. */
  several_nodes: boolean;
}

export interface Outcome {
  what: AlertChange['what'] | null;
  alert: KeptAlert;
}

/** At most one alert of a fingerprint is not over. */
export const fingerprintOf = (rule_id: string, series: OpsLabels): string =>
  createHash('sha256')
    .update(`${rule_id} ${labelsKey(series)}`)
    .digest('base64url')
    .slice(0, 22);

/**
 * @param repeats how often it has come again
 * @returns undefined while there is nothing to be an alert of
 */
export function beginAlert(rule: OpsRule, verdict: Verdict, time: RoundTime, repeats: number): Outcome | undefined {
  const next = step(undefined, lookOf(rule, verdict.holds, time, repeats));
  if (!next.machine || next.machine.state === 'resolved') return undefined;
  const at = isoTime(time.at_ms);
  const place = placeOf(rule, verdict);
  const alert: KeptAlert = {
    id: uuidv7(),
    fingerprint: fingerprintOf(rule.id, verdict.labels),
    ...ofRule(rule, verdict.labels),
    severity: rule.severity,
    summary: '',
    cause: null,
    signal: rule.conditions[place]?.signal ?? 'monitor_failed',
    value: null,
    worst: null,
    limit: rule.limits[place] ?? 0,
    state: stateOf(next.machine),
    started_at: at,
    ended_at: null,
    fired: 0,
    unknown_since: null,
    acknowledged: null,
    silenced_by: null,
    inhibited_by: null,
    escalation: 0,
    timeline: [],
    inner: { ...newInner(verdict.labels), repeats },
  };
  return { what: next.what, alert: stepped(observed(alert, rule, verdict, time), rule, next, at) };
}

export function advanceAlert(alert: KeptAlert, rule: OpsRule, verdict: Verdict, time: RoundTime): Outcome {
  const next = step(machineOf(alert), lookOf(rule, verdict.holds, time, alert.inner.repeats));
  const at = isoTime(time.at_ms);
  const unknown_since = verdict.holds === 'unknown' ? (alert.unknown_since ?? at) : null;
  const ruled = {
    ...alert,
    ...ofRule(rule, alert.inner.series),
    severity: severityOf(rule, alert.inner.steps),
    notify: rule.notify || alert.inner.steps.length > 0,
    unknown_since,
  };
  return { what: next.what, alert: stepped(observed(ruled, rule, verdict, time), rule, next, at) };
}

/** Its rule is gone or switched off, or it is an alert twice. */
export function endAlert(alert: KeptAlert, why: string, { at_ms, elapsed_ms }: RoundTime): Outcome {
  const next = step(machineOf(alert), { holds: 'over', at_ms, elapsed_ms, for_ms: 0, resolve_after_ms: 0 });
  return { what: next.what, alert: withStep(alert, next, { at: isoTime(at_ms), text: why }) };
}

export const noted = (alert: KeptAlert, entry: Omit<OpsTimelineEntry, 'by' | 'ref'> & { ref?: string }): KeptAlert => ({
  ...alert,
  timeline: withEntry(alert.timeline, { by: null, ref: null, ...entry }),
});

const lookOf = (rule: OpsRule, holds: Verdict['holds'], { at_ms, elapsed_ms }: RoundTime, repeats = 0) => ({
  holds,
  at_ms,
  elapsed_ms,
  for_ms: rule.for_seconds * 1000,
  resolve_after_ms: calmFor(rule.resolve_after_seconds * 1000, repeats),
});

const ofRule = (rule: OpsRule, series: OpsLabels) => ({
  rule_id: rule.id,
  rule_name: rule.name,
  labels: { ...rule.labels, ...series },
  advice: rule.advice === '' ? null : rule.advice,
  notify: rule.notify,
});

/** The condition that is told of: one that holds; else the one that was, or the first. */
function placeOf(rule: OpsRule, { holds, findings }: Verdict, alert?: KeptAlert): number {
  const place =
    holds === true
      ? findings.findIndex((finding) => finding.holds === true)
      : rule.conditions.findIndex(({ signal }) => signal === alert?.signal);
  return Math.max(0, place);
}

/** With the value, and with the words for it while it holds. */
function observed(alert: KeptAlert, rule: OpsRule, verdict: Verdict, { several_nodes }: RoundTime): KeptAlert {
  const place = placeOf(rule, verdict, alert);
  const condition = rule.conditions[place];
  const finding = verdict.findings[place];
  if (!condition || !finding || finding.value === null) return alert;
  const limit = rule.limits[place] ?? alert.limit;
  const { value } = finding;
  if (verdict.holds !== true) return { ...alert, value };
  const { signal, operator } = condition;
  const labels = verdict.labels;
  return {
    ...alert,
    signal,
    limit,
    value,
    worst: alert.worst === null ? value : worse(operator, limit, alert.worst, value),
    summary: summaryOf({ signal, labels, value, operator, limit }, several_nodes ? labels.node : undefined),
    cause: alert.inner.cause_found ? alert.cause : (finding.detail ?? alert.cause),
  };
}

const stepped = (alert: KeptAlert, rule: OpsRule, next: Step, at: string): KeptAlert =>
  withStep(alert, next, { at, text: textOf(alert, rule, next.what) });

function withStep(alert: KeptAlert, { what, machine }: Step, { at, text }: { at: string; text: string }): KeptAlert {
  const told = what === null || what === 'dropped' ? alert : noted(alert, { at, kind: what, text });
  if (!machine) return told;
  const fired = what === 'fired' || what === 'fired_again' ? told.fired + 1 : told.fired;
  const ended_at = machine.state === 'resolved' ? isoTime(machine.at_ms) : null;
  return { ...told, fired, ended_at, state: stateOf(machine), inner: { ...told.inner, ...countsOf(machine) } };
}

function textOf({ summary, inner: { repeats = 0 } }: KeptAlert, rule: OpsRule, what: Step['what']): string {
  switch (what) {
    case 'pending':
      return `${summary}; it fires once that has lasted for ${durationText(rule.for_seconds)}`;
    case 'fired':
    case 'fired_again':
      return summary;
    case 'clearing':
      return clearingText(calmFor(rule.resolve_after_seconds * 1000, repeats) / 1000, repeats);
    case 'resolved':
      return 'It is over';
    case 'dropped':
    case null:
      return '';
  }
}

function clearingText(calm_seconds: number, repeats: number): string {
  const text = `It does not hold now; it is over once that has lasted for ${durationText(calm_seconds)}`;
  return repeats === 0 ? text : `${text}, as it has come again ${repeats === 1 ? 'once' : `${repeats} times`} of late`;
}
