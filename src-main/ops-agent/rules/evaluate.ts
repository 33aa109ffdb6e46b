/**
 * What a rule says about what was seen. Pure.
 *
 * Each series of the first condition is an instance: an alert of its own. Other conditions are looked up for it by the
 * labels that both have, so `api_requests_per_minute` of the same node, or the dead letters, of which there is one.
 */
import type { OpsCondition, OpsLabels, OpsRule } from '../../../src-contract/index.ts';
import { matchesLabels } from '../alerts/matchers.ts';
import { labelsKey, type Seen, type Series } from './seen.ts';

/** What of a rule decides whether it holds. */
export type Judged = Pick<OpsRule, 'match' | 'conditions' | 'limits'>;

export type Holds = boolean | 'unknown';

/** How one condition is for an instance. */
export interface Finding {
  holds: Holds;
  /** Null when it was not seen. */
  value: number | null;
  detail: string | null;
}

export interface Verdict {
  key: string;
  labels: OpsLabels;
  holds: Holds;
  /** Of each condition. */
  findings: readonly Finding[];
}

const UNKNOWN: Finding = { holds: 'unknown', value: null, detail: null };
const GONE: Finding = { holds: false, value: null, detail: null };

/**
 * Every instance for which the rule holds, and each of the known ones, whatever it says of those. A series that is gone
 * while its monitor is well does not hold any more; what a monitor that failed would say is not known.
 *
 * @param known labels of instances that have an alert, by their key
 */
export function evaluate(rule: Judged, seen: Seen, known: ReadonlyMap<string, OpsLabels>): Verdict[] {
  const verdicts: Verdict[] = [];
  const [first] = rule.conditions;
  if (!first) return verdicts;
  const visited = new Set<string>();
  const limit = limitOf(rule, 0);
  const firstDecides = rule.match === 'all' || rule.conditions.length === 1;
  for (const series of seen.of(first.signal)) {
    const mayHold = !firstDecides || compare(series.value, first.operator, limit);
    const isKnown = known.size > 0 && known.has(series.key);
    // Most series are well, and nothing more is asked about these.
    if (!mayHold && !isKnown) continue;
    if (!matchesLabels(first.labels, series.labels)) continue;
    const findings = findingsOf(rule, seen, series.labels, findingOf(first, limit, series));
    const holds = combined(rule, findings);
    if (holds !== true && !isKnown) continue;
    visited.add(series.key);
    verdicts.push({ key: series.key, labels: series.labels, holds, findings });
  }
  for (const [key, labels] of known) {
    if (visited.has(key)) continue;
    const findings = findingsOf(rule, seen, labels, firstFinding(rule, seen, first, { key, labels }));
    verdicts.push({ key, labels, holds: combined(rule, findings), findings });
  }
  if (rule.match === 'any') verdicts.push(...withoutFirst(rule, seen, verdicts));
  return verdicts;
}

/** Of a known instance that the first condition does not list: it is gone, hidden, or not meant any more. */
function firstFinding(
  rule: Judged,
  seen: Seen,
  first: OpsCondition,
  { key, labels }: { key: string; labels: OpsLabels },
): Finding {
  const series = seen.find(first.signal, key);
  if (series) return matchesLabels(first.labels, labels) ? findingOf(first, limitOf(rule, 0), series) : GONE;
  return seen.isBlind(first.signal, labels) ? UNKNOWN : GONE;
}

function findingsOf(rule: Judged, seen: Seen, labels: OpsLabels, first: Finding): readonly Finding[] {
  if (rule.conditions.length === 1) return [first];
  return rule.conditions.map((condition, index) =>
    index === 0 ? first : otherFinding(condition, limitOf(rule, index), seen, labels),
  );
}

/** Of several series that fit, one that holds is enough. */
function otherFinding(condition: OpsCondition, limit: number, seen: Seen, labels: OpsLabels): Finding {
  let known: Finding | undefined;
  for (const series of seen.agreeing(condition.signal, labels)) {
    if (!matchesLabels(condition.labels, series.labels)) continue;
    const finding = findingOf(condition, limit, series);
    if (finding.holds === true) return finding;
    known ??= finding;
  }
  return known ?? (seen.isBlind(condition.signal, labels) ? UNKNOWN : GONE);
}

/** With `any`, what another condition says of what the first knows nothing of is an instance too. */
function withoutFirst(rule: Judged, seen: Seen, instances: readonly Verdict[]): Verdict[] {
  const added: Verdict[] = [];
  for (const [index, condition] of rule.conditions.entries()) {
    if (index === 0) continue;
    for (const series of seen.of(condition.signal)) {
      if (!matchesLabels(condition.labels, series.labels)) continue;
      if (findingOf(condition, limitOf(rule, index), series).holds !== true) continue;
      if ([...instances, ...added].some(({ labels }) => agree(labels, series.labels))) continue;
      const key = labelsKey(series.labels);
      added.push({ key, labels: series.labels, holds: true, findings: findingsOf(rule, seen, series.labels, GONE) });
    }
  }
  return added;
}

const agree = (one: OpsLabels, other: OpsLabels): boolean =>
  Object.entries(one).every(([name, value]) => other[name] === undefined || other[name] === value);

function combined({ match }: Judged, findings: readonly Finding[]): Holds {
  const decisive = match === 'any';
  let unknown = false;
  for (const { holds } of findings) {
    if (holds === decisive) return decisive;
    if (holds === 'unknown') unknown = true;
  }
  return unknown ? 'unknown' : !decisive;
}

export const findingOf = (condition: OpsCondition, limit: number, { value, detail }: Series): Finding => ({
  holds: compare(value, condition.operator, limit),
  value,
  detail,
});

const limitOf = ({ limits }: Judged, index: number): number => limits[index] ?? Number.NaN;

export function compare(value: number, operator: OpsCondition['operator'], limit: number): boolean {
  switch (operator) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '=':
      return value === limit;
    case '!=':
      return value !== limit;
  }
}

/** The worse of two values, by what a condition looks for. */
export function worse(operator: OpsCondition['operator'], limit: number, one: number, other: number): number {
  switch (operator) {
    case '>':
    case '>=':
      return Math.max(one, other);
    case '<':
    case '<=':
      return Math.min(one, other);
    case '=':
    case '!=':
      return Math.abs(one - limit) >= Math.abs(other - limit) ? one : other;
  }
}
