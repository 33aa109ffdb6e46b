/** Rules in words. Pure. */
import type { OpsCondition, OpsRule, OpsRuleDraft } from '../../../../../src-contract/index.ts';
import { OPS_SIGNALS, type OpsSignalName } from '../../../../../src-contract/ops-signals.ts';
import { longDuration } from '../../../../ui/duration.ts';
import { plural } from '../../../../ui/format.ts';
import { matcherWords } from '../../fields/pairs.ts';
import { REMEDIATORS } from '../../words/action-words.ts';
import { signalValue } from '../../words/signal-value.ts';

export const OPERATORS: Readonly<Record<OpsCondition['operator'], string>> = {
  '>': 'above',
  '>=': 'at least',
  '<': 'below',
  '<=': 'at most',
  '=': 'exactly',
  '!=': 'anything but',
};

/** Signals whose name makes no sentence with `above 5 min` after it. */
const SENTENCES: Partial<Record<OpsSignalName, { start: string; operators: Partial<typeof OPERATORS> }>> = {
  breaker_open_seconds: { start: 'Circuit breaker open for', operators: { '>': 'more than', '<': 'less than' } },
  worker_overdue_seconds: { start: 'A worker is late by', operators: { '>': 'more than', '<': 'less than' } },
  component_status: { start: 'A component is', operators: { '>': 'worse than', '<': 'better than' } },
};

function sentenceStart(signal: OpsSignalName, operator: OpsCondition['operator']): string {
  const { start, operators } = SENTENCES[signal] ?? { start: OPS_SIGNALS[signal].title, operators: {} };
  return `${start} ${operators[operator] ?? OPERATORS[operator]}`;
}

/**
 * `Dead letters above 100`.
 *
 * @param limit as it holds now, where the condition follows a setting
 */
export function conditionWords({ signal, labels, operator, limit }: OpsCondition, now?: number): string {
  const value = limit.kind === 'number' ? limit.value : now;
  const words =
    value === undefined ? `the setting ${limit.kind === 'setting' ? limit.key : ''}` : signalValue(signal, value);
  const matchers = Object.entries(labels).map(([label, text]) => ({ label, value: text }));
  const of = matchers.length === 0 ? '' : ` where ${matcherWords(matchers)}`;
  return `${sentenceStart(signal, operator)} ${words}${of}`;
}

type Conditions = Pick<OpsRuleDraft, 'conditions' | 'match' | 'for_seconds'>;

/** All of them, and for how long: `Slow answers (p95) above 500 ms and Requests at least 6 a minute, for 3 min`. */
export function conditionsWords(
  { conditions, match, for_seconds }: Conditions,
  limits: readonly number[] = [],
): string {
  const words = conditions.map((condition, at) => conditionWords(condition, limits[at]));
  const lasting = for_seconds === 0 ? '' : `, for ${longDuration(for_seconds * 1000)}`;
  return `${words.join(match === 'all' ? ' and ' : ' or ')}${lasting}`;
}

/** `Empty the caches of a process, after asking`; nothing for none. */
export function remediationWords({ remediation }: Pick<OpsRuleDraft, 'remediation'>): string | undefined {
  if (remediation === null) return undefined;
  return `${REMEDIATORS[remediation.remediator]}${remediation.ask ? ', after asking' : ''}`;
}

/** `after 15 min: High`, in their order. */
export function stepWords(step: OpsRuleDraft['escalation'][number]): string {
  const { after, severity, channels } = step;
  const when = after.kind === 'attempts' ? 'attempts used up' : `after ${longDuration(after.seconds * 1000)}`;
  const told = channels.length === 0 ? '' : `, ${plural(channels.length, 'more channel')}`;
  return `${when}: ${severity}${told}`;
}

export type RuleKind = 'default' | 'changed' | 'custom';
export const kindOf = ({ origin, changed }: Pick<OpsRule, 'origin' | 'changed'>): RuleKind =>
  origin === 'custom' ? 'custom' : changed ? 'changed' : 'default';
