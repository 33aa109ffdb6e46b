/** What the doctor found, in the order in which a person wants to know, and as a text to hand on. */
import type { Finding } from '../../../../src-contract/index.ts';

export const STATUSES = ['failed', 'warning', 'ok'] as const satisfies readonly Finding['status'][];

export const STATUS_TITLES: Record<Finding['status'], string> = {
  failed: 'Problems',
  warning: 'To look at',
  ok: 'In order',
};

/** For a finding, said before it to those who do not see its colour. */
export const STATUS_WORDS: Record<Finding['status'], string> = { failed: 'Problem', warning: 'Warning', ok: 'OK' };

export interface FindingGroup {
  status: Finding['status'];
  findings: readonly Finding[];
}

/** The worst first; groups without findings are left out. */
export function groupsOf(findings: readonly Finding[]): FindingGroup[] {
  return STATUSES.map((status) => ({ status, findings: findings.filter((one) => one.status === status) })).filter(
    (group) => group.findings.length > 0,
  );
}

/** In one sentence. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (status: Finding['status']) => findings.filter((one) => one.status === status).length;
  const [failed, warnings] = [count('failed'), count('warning')];
  if (failed + warnings === 0) return `All ${findings.length} checks are in order.`;
  const parts = [
    failed > 0 && `${failed} ${failed === 1 ? 'problem' : 'problems'}`,
    warnings > 0 && `${warnings} ${warnings === 1 ? 'thing' : 'things'} to look at`,
  ];
  return `${parts.filter(Boolean).join(' and ')}, of ${findings.length} checks.`;
}

/** Plain text, for an issue or a message. */
export function reportOf(
  findings: readonly Finding[],
  { checked_at, version }: { checked_at: string; version: string },
) {
  const lines = groupsOf(findings).flatMap(({ status, findings: group }) =>
    group.flatMap(({ check, detail, advice }) => [
      `${STATUS_WORDS[status].padEnd(7)}  ${check}: ${detail}`,
      ...(advice === null ? [] : [`         → ${advice}`]),
    ]),
  );
  return [`Archon ${version}, checked at ${checked_at}`, summaryOf(findings), '', ...lines, ''].join('\n');
}
