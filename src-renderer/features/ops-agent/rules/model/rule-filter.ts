/** Which rules the list shows. Pure. */
import type { OpsRule } from '../../../../../src-contract/index.ts';
import type { RulesSearch } from '../rules-search.ts';
import { conditionsWords, kindOf } from './condition-words.ts';

export const WHICH = {
  firing: { label: 'That fire', is: (rule: OpsRule) => rule.firing > 0 },
  changed: { label: 'Changed', is: (rule: OpsRule) => kindOf(rule) === 'changed' },
  custom: { label: 'Custom', is: (rule: OpsRule) => kindOf(rule) === 'custom' },
  off: { label: 'Switched off', is: (rule: OpsRule) => !rule.enabled },
} as const;
export type Which = keyof typeof WHICH;
// The keys of the table above.
export const WHICH_NAMES = Object.keys(WHICH) as Which[];

export function shownOf(rules: readonly OpsRule[], { text, severity, which }: RulesSearch): OpsRule[] {
  const wanted = text?.toLowerCase() ?? '';
  return rules.filter(
    (rule) =>
      (severity === undefined || rule.severity === severity) &&
      (which === undefined || WHICH[which].is(rule)) &&
      [rule.name, rule.id, rule.description, conditionsWords(rule, rule.limits)].some((one) =>
        one.toLowerCase().includes(wanted),
      ),
  );
}
