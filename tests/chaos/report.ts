/** A run as a table for people. */
import type { ChaosReport } from './run-chaos.ts';

/** More would scroll the table away. */
const FAULTS_SHOWN = 20;

/** Whether nothing was lost, nothing is in limbo, and every dead letter is poisoned; after all the kills that were asked for. */
export const isGood = (report: ChaosReport): boolean =>
  report.verdict.faults.length === 0 && killsOf(report) >= report.wanted_kills;

export const killsOf = ({ kills }: Pick<ChaosReport, 'kills'>): number =>
  Object.values(kills).reduce((sum, count) => sum + count, 0);

export function describeReport(report: ChaosReport): string {
  const { store, seed, seconds, kills, requests, large, verdict } = report;
  const byKind = Object.entries(kills).map(([kind, count]) => `${count} × ${kind}`);
  const lines = [
    `chaos on ${store}, seed ${seed}, ${seconds} s`,
    `kills         ${killsOf(report)} of ${report.wanted_kills}: ${byKind.join(', ')}`,
    `requests      ${requests.answered} acknowledged, ${requests.refused} answered with an error, ${requests.unanswered} without an answer`,
    `published     ${verdict.acknowledged} acknowledged (${large} of 1 MB), ${verdict.found} of them in the log`,
    `log           ${verdict.events} events, those of requests without an answer and of workers among them`,
    '',
    ...table([
      ['subscriber', 'delivered', 'more than once', 'poisoned', 'dead-lettered', 'in limbo', 'lost'],
      ...verdict.subscribers.map(({ name, delivered, repeated, poisoned, dead, limbo, lost }) =>
        [name, delivered, repeated, poisoned, dead, limbo, lost].map(String),
      ),
    ]),
    '',
    `in limbo = ${verdict.limbo}, lost = ${verdict.lost}: ${isGood(report) ? 'good' : 'NOT GOOD'}`,
  ];
  if (killsOf(report) < report.wanted_kills) lines.push('The time was over before all kills were done.');
  lines.push(...verdict.faults.slice(0, FAULTS_SHOWN).map((fault) => `- ${fault}`));
  const hidden = verdict.faults.length - FAULTS_SHOWN;
  if (hidden > 0) lines.push(`- and ${hidden} more`);
  return lines.join('\n');
}

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
}
