/** What a silence is for, as the command line says it: `rule=dead-letters`, `severity=low`, `worker=clean*`. */
import { InvalidArgumentError } from 'commander';
import { OPS_SEVERITIES, type OpsMatcher, type OpsRule } from '../../src-contract/index.ts';
import { nearestName } from '../settings/nearest-name.ts';
import { CommandError } from './exit-codes.ts';

/** For an option that may be given several times: all of them must match. */
export function matcher(value: string, previous: OpsMatcher[] | undefined): OpsMatcher[] {
  const [, label, wanted] = /^([^=\s]{1,40})=(.{1,300})$/s.exec(value.trim()) ?? [];
  if (label === undefined || wanted === undefined) {
    throw new InvalidArgumentError('It must be a label and a value such as rule=dead-letters or worker=clean*.');
  }
  return [...(previous ?? []), { label, value: wanted }];
}

/**
 * A silence for a rule or a severity that does not exist would keep nothing quiet, and nobody would notice.
 *
 * @throws CommandError
 */
export function checkMatchers(matchers: readonly OpsMatcher[], rules: readonly OpsRule[]): void {
  for (const { label, value } of matchers) {
    if (value.endsWith('*')) continue;
    if (label === 'rule')
      requireOne(
        'rule',
        value,
        rules.map(({ id }) => id),
      );
    if (label === 'severity') requireOne('severity', value, OPS_SEVERITIES);
  }
}

function requireOne(what: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  const near = nearestName(value, known);
  const help =
    near === undefined ? `There are: ${known.join(', ')}.` : `Is it ${near}? There are: ${known.join(', ')}.`;
  throw new CommandError('usage', `There is no ${what} ${value}. ${help}`);
}
