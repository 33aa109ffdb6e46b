/** What a rule must not say: what could never hold, what nothing has, what could never help. */
import {
  OPS_SEVERITIES,
  OPS_SIGNALS,
  type OpsCondition,
  type OpsRuleDraft,
  type OpsSignalName,
} from '../../../src-contract/index.ts';
import { invalidField } from '../../errors.ts';
import { MATCHER_NAMES } from '../alerts/matchers.ts';
import { REMEDIATOR_SIGNALS, remediatorsFor } from '../remediation/remediator-signals.ts';
import { factorOf } from './limits.ts';

/** Values that a signal can have. */
interface Range {
  from: number;
  to: number;
  whole: boolean;
}

/**
 * @param path where the draft is in what was asked, such as `draft.`
 * @throws ArchonError VALIDATION_FAILED
 */
export function checkRule(draft: OpsRuleDraft, path = ''): void {
  for (const [index, condition] of draft.conditions.entries()) {
    const at = `${path}conditions.${index}`;
    checkLabels(condition, at);
    checkLimit(condition, at);
  }
  if (draft.match === 'all') checkTogether(draft.conditions, `${path}conditions`);
  checkAddedLabels(draft, `${path}labels`);
  checkRemediation(draft, `${path}remediation`);
  checkEscalation(draft, `${path}escalation`);
}

function checkLabels({ signal, labels }: OpsCondition, at: string): void {
  const known: readonly string[] = OPS_SIGNALS[signal].labels;
  for (const label of Object.keys(labels)) {
    if (known.includes(label)) continue;
    const has = known.length === 0 ? 'has no labels' : `has only ${known.join(' and ')}`;
    throw invalidField(`${at}.labels`, `must not name "${label}": ${signal} ${has}`);
  }
}

function checkLimit(condition: OpsCondition, at: string): void {
  const { signal, limit, operator } = condition;
  if (limit.kind === 'setting') {
    if (factorOf(limit.key, signal) !== undefined) return;
    throw invalidField(`${at}.limit`, `must not follow ${limit.key}: ${signal} is told in another unit`);
  }
  if (canHold(rangeOf(signal), operator, limit.value)) return;
  throw invalidField(`${at}.limit`, `can never hold: ${signal} is ${rangeText(rangeOf(signal))}`);
}

export function rangeOf(signal: OpsSignalName): Range {
  const { unit } = OPS_SIGNALS[signal];
  if (signal === 'monitor_failed') return { from: 0, to: 1, whole: true };
  // It shrinks too; and the time of several cores is added up.
  if (signal === 'journal_growth') return { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, whole: true };
  if (signal === 'cpu_percent') return { from: 0, to: Number.POSITIVE_INFINITY, whole: false };
  switch (unit) {
    case 'level':
      return { from: 0, to: 2, whole: true };
    case 'percent':
      return { from: 0, to: 100, whole: false };
    case 'count':
      return { from: 0, to: Number.POSITIVE_INFINITY, whole: true };
    default:
      return { from: 0, to: Number.POSITIVE_INFINITY, whole: false };
  }
}

function canHold({ from, to, whole }: Range, operator: OpsCondition['operator'], limit: number): boolean {
  switch (operator) {
    case '>':
      return to > limit;
    case '>=':
      return to >= limit;
    case '<':
      return from < limit;
    case '<=':
      return from <= limit;
    case '=':
      return limit >= from && limit <= to && (!whole || Number.isInteger(limit));
    case '!=':
      return true;
  }
}

function rangeText({ from, to, whole }: Range): string {
  const number = whole ? 'a whole number' : 'a number';
  if (!Number.isFinite(from)) return number;
  return Number.isFinite(to) ? `${number} from ${from} to ${to}` : `${number} from ${from} on`;
}

/** Two conditions on the same series that leave no value for both. */
function checkTogether(conditions: readonly OpsCondition[], at: string): void {
  for (const [index, one] of conditions.entries()) {
    for (const other of conditions.slice(index + 1)) {
      if (!sameSeries(one, other) || !excludes(one, other)) continue;
      throw invalidField(at, `can never hold: no ${one.signal} is ${text(one)} and ${text(other)} at once`);
    }
  }
}

const sameSeries = (one: OpsCondition, other: OpsCondition): boolean =>
  one.signal === other.signal &&
  // Without a star it is one series; with one, or with nothing, each condition may hold for another one.
  OPS_SIGNALS[one.signal].labels.every((label) => {
    const wanted = one.labels[label];
    return wanted !== undefined && !wanted.endsWith('*') && wanted === other.labels[label];
  });

function excludes(one: OpsCondition, other: OpsCondition): boolean {
  if (one.limit.kind !== 'number' || other.limit.kind !== 'number') return false;
  const [a, b] = [spanOf(one.operator, one.limit.value), spanOf(other.operator, other.limit.value)];
  if (!a || !b) return false;
  const from = Math.max(a.from, b.from);
  const to = Math.min(a.to, b.to);
  if (from !== to) return from > to;
  return [a, b].some((span) => (span.from === from && span.open_from) || (span.to === to && span.open_to));
}

interface Span {
  from: number;
  to: number;
  /** Without its end. */
  open_from: boolean;
  open_to: boolean;
}

function spanOf(operator: OpsCondition['operator'], limit: number): Span | undefined {
  const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, open_from: false, open_to: false };
  switch (operator) {
    case '>':
      return { ...all, from: limit, open_from: true };
    case '>=':
      return { ...all, from: limit };
    case '<':
      return { ...all, to: limit, open_to: true };
    case '<=':
      return { ...all, to: limit };
    case '=':
      return { ...all, from: limit, to: limit };
    case '!=':
      return undefined;
  }
}

const text = ({ operator, limit }: OpsCondition): string =>
  `${operator} ${limit.kind === 'number' ? limit.value : limit.key}`;

const TAKEN: ReadonlySet<string> = new Set([
  ...MATCHER_NAMES,
  ...Object.values(OPS_SIGNALS).flatMap(({ labels }) => labels),
]);

function checkAddedLabels({ labels }: OpsRuleDraft, at: string): void {
  const taken = Object.keys(labels).find((label) => TAKEN.has(label));
  if (taken !== undefined) throw invalidField(at, `must not name "${taken}": alerts have that by themselves`);
}

function checkRemediation({ conditions, remediation }: OpsRuleDraft, at: string): void {
  if (remediation === null) return;
  const signals = conditions.map(({ signal }) => signal);
  if (signals.some((signal) => REMEDIATOR_SIGNALS[remediation.remediator].includes(signal))) return;
  const helpful = remediatorsFor(signals);
  const instead = helpful.length > 0 ? `; ${helpful.join(' or ')} can` : '; nothing that Archon knows can';
  throw invalidField(`${at}.remediator`, `cannot help: ${remediation.remediator} does nothing about that${instead}`);
}

function checkEscalation({ severity, remediation, escalation }: OpsRuleDraft, at: string): void {
  for (const [index, step] of escalation.entries()) {
    if (step.after.kind === 'attempts' && remediation === null) {
      throw invalidField(`${at}.${index}.after`, 'never comes: nothing is attempted without a remediation');
    }
    if (OPS_SEVERITIES.indexOf(step.severity) < OPS_SEVERITIES.indexOf(severity)) {
      throw invalidField(`${at}.${index}.severity`, `must not be less than that of the rule, which is ${severity}`);
    }
  }
}
