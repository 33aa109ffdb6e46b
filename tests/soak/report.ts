/** A soak as tables for people. */
import { deadlineOf, type StruckFault } from './checker.ts';
import type { SoakReport } from './run-soak.ts';

/** More would scroll the tables away. */
const FAULTS_SHOWN = 20;

export const isGoodSoak = ({ verdict, faults }: SoakReport): boolean =>
  verdict.faults.length === 0 && faults.length > 0 && verdict.acknowledged.done > 0;

export function describeSoak(report: SoakReport): string {
  const { store, seed, seconds, promises, faults, tallies, resident_mb, verdict } = report;
  const { acknowledged, found, lost, duplicated, misplaced, mistold, recoveries_seconds, untrue } = verdict;
  const lines = [
    `soak on ${store}, seed ${seed}, ${seconds} s`,
    `faults        ${faults.length}: ${countFaults(report)}`,
    `writes        ${acknowledged.done} done and ${acknowledged.queued} queued were acknowledged, ${found} of them found`,
    `              lost = ${lost}, duplicated = ${duplicated}, out of order = ${misplaced}, without their one event = ${mistold}`,
    `recovery      median ${tellSeconds(middle(recoveries_seconds))}, worst ${tellSeconds(Math.max(...recoveries_seconds))} of ${recoveries_seconds.length} (at most ${promises.recovery_seconds} s)`,
    `health        ${tellUntrue(untrue.health, promises.blind_seconds)}`,
    `breakers      ${tellUntrue(untrue.breakers, promises.breaker_seconds)}`,
    `memory        ${tellMegabytes(resident_mb.begin)} at the start, ${tellMegabytes(resident_mb.end)} at the end`,
    '',
    ...table([
      ['requests', 'answered', 'queued', 'store away', 'other 5xx', '4xx', 'no answer', 'worst', 'promised'],
      ...[...tallies].map(([kind, tally]) => [
        kind,
        ...[tally.answered, tally.queued, tally.refused, tally.broken, tally.mistaken, tally.unanswered].map(String),
        tellSeconds(tally.worst_ms / 1000),
        `${deadlineOf(kind, promises)} s`,
      ]),
    ]),
    '',
    ...table([
      ['fault', 'lasted', 'healthy', 'breaker closed', 'journal empty', 'well after'],
      ...faults.map(recoveryRow),
    ]),
    '',
    isGoodSoak(report) ? 'good' : `NOT GOOD: repeat it with --seed ${seed}`,
    ...verdict.faults.slice(0, FAULTS_SHOWN).map((fault) => `- ${fault}`),
  ];
  const hidden = verdict.faults.length - FAULTS_SHOWN;
  if (hidden > 0) lines.push(`- and ${hidden} more`);
  return lines.join('\n');
}

function countFaults({ faults }: SoakReport): string {
  const counts = new Map<string, number>();
  for (const { kind, services } of faults) {
    const name = `${kind.replace('_', ' ')} (${services.join('+')})`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ');
}

function recoveryRow({ kind, services, began_ms, ended_ms, well_ms, parts_ms }: StruckFault): string[] {
  const after = (moment_ms: number | undefined) =>
    tellSeconds(((moment_ms ?? Number.POSITIVE_INFINITY) - ended_ms) / 1000);
  const well = well_ms === undefined ? 'struck again' : after(well_ms === 'never' ? undefined : well_ms);
  return [
    `${services.join(' and ')}: ${kind.replace('_', ' ')}`,
    tellSeconds((ended_ms - began_ms) / 1000),
    after(parts_ms?.healthy),
    after(parts_ms?.closed),
    after(parts_ms?.drained),
    well,
  ];
}

function tellUntrue(
  { called_well, called_away, of }: SoakReport['verdict']['untrue']['health'],
  blind_seconds: number,
): string {
  return `of ${of} looks ${called_well} called a store well that was away for more than ${blind_seconds} s, ${called_away} called one away that was there`;
}

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const tellSeconds = (seconds: number): string => (Number.isFinite(seconds) ? `${seconds.toFixed(1)} s` : 'none');
const tellMegabytes = (megabytes: number | undefined): string =>
  megabytes === undefined ? 'unknown' : `${Math.round(megabytes)} MB`;

function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
}
