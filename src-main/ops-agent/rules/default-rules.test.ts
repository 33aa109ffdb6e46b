import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { OpsEscalationStep, OpsRuleDraft } from '../../../src-contract/index.ts';
import { OPS_SIGNALS } from '../../../src-contract/index.ts';
import { amountText, durationText } from '../alerts/amounts.ts';
import { DEFAULT_RULES } from './default-rules.ts';

const read = (name: string) => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

function limitText({ signal, operator, limit }: OpsRuleDraft['conditions'][number]): string {
  const value = limit.kind === 'setting' ? `\`${limit.key}\`` : amountText(OPS_SIGNALS[signal].unit, limit.value);
  return `\`${signal}\` ${operator} ${value}`;
}

const stepText = ({ after, severity }: OpsEscalationStep): string =>
  after.kind === 'seconds'
    ? `${severity} after ${durationText(after.seconds)}`
    : `${severity} when attempts are used up`;

function row([id, rule]: [string, OpsRuleDraft]): string {
  const { name, conditions, for_seconds, severity, notify, remediation, escalation } = rule;
  const cells = [
    `\`${id}\``,
    name,
    conditions.map(limitText).join(' and '),
    for_seconds === 0 ? 'at once' : durationText(for_seconds),
    [notify ? severity : `${severity}, not sent`, ...escalation.map(stepText)].join('; '),
    remediation ? `\`${remediation.remediator}\`` : '–',
  ];
  return `| ${cells.join(' | ')} |`;
}

describe('rules that come with Archon', () => {
  it('are in the documentation as they are', () => {
    const head = ['| id | Name | Fires when | After | Severity | Does |', '| --- | --- | --- | --- | --- | --- |'];
    const table = [...head, ...[...DEFAULT_RULES].map(row)].join('\n');
    expect(read('user/ops-alerts.md')).toContain(`${table}\n`);
  });

  it('are those that were decided', () => {
    const decided = [...read('developer/decisions/0020-ops-agent.md').matchAll(/^\| `([a-z-]+)` \|/gm)];
    expect(decided.map(([, id]) => id)).toEqual([...DEFAULT_RULES.keys()]);
  });

  it('each say what they are about and what a person should do', () => {
    for (const [id, { description, advice }] of DEFAULT_RULES) {
      expect([id, description !== '', advice !== '']).toEqual([id, true, true]);
    }
  });

  it('tell somebody when what they do does not help', () => {
    for (const [id, { remediation, escalation }] of DEFAULT_RULES) {
      const says = escalation.some(({ after }) => after.kind === 'attempts');
      expect([id, says]).toEqual([id, remediation !== null]);
    }
  });
});
