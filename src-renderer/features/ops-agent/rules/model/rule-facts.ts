/** A rule as facts, one by one: for what is another in two of them. Pure. */
import type { OpsRuleDraft } from '../../../../../src-contract/index.ts';
import { longDuration } from '../../../../ui/duration.ts';
import { number } from '../../../../ui/format.ts';
import { labelWords } from '../../words/labels.ts';
import { SEVERITIES } from '../../words/severity.ts';
import { conditionWords, remediationWords, stepWords } from './condition-words.ts';

const NONE = 'none';
const span = (seconds: number): string => longDuration(seconds * 1000);
const yes = (is: boolean): string => (is ? 'yes' : 'no');

export function ruleFacts(draft: OpsRuleDraft): Record<string, string> {
  const { remediation } = draft;
  return {
    Name: draft.name,
    Enabled: yes(draft.enabled),
    Conditions: draft.conditions
      .map((condition) => conditionWords(condition))
      .join(draft.match === 'all' ? ' and ' : ' or '),
    'Holds for': span(draft.for_seconds),
    'Resolved after': span(draft.resolve_after_seconds),
    Severity: SEVERITIES[draft.severity].label,
    'Told to people': yes(draft.notify),
    Labels: labelWords(draft.labels) || NONE,
    'What is done': remediationWords(draft) ?? NONE,
    'Cool-down': remediation === null ? NONE : span(remediation.cool_down_seconds),
    'Attempts at most': remediation === null ? NONE : number(remediation.max_attempts),
    'An hour at most': remediation === null ? NONE : number(remediation.max_per_hour),
    Escalation:
      draft.escalation
        .map((step) => `${stepWords(step)}${step.channels.length === 0 ? '' : ` (${step.channels.join(', ')})`}`)
        .join('; ') || NONE,
    Description: draft.description || NONE,
    Advice: draft.advice || NONE,
  };
}
