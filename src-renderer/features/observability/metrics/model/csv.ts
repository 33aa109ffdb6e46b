/** Figures as CSV (RFC 4180), in the units that they are kept in, so that a spreadsheet can reckon with them. */
import type { BreakerTransition } from '../../../../../src-contract/resilience.ts';
import type { ChartData } from './chart-data.ts';
import type { ChartDefinition } from './charts.ts';
import { UNIT_WORDS } from './figures.ts';

type Cell = string | number | null;

export const CSV_TYPE = 'text/csv;charset=utf-8';

/** A spreadsheet takes text that begins so for a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r\n]/;

export function toCsv(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** One row for each step; what was not measured is empty. */
export function chartCsv({ unit }: ChartDefinition, { frame, lines }: ChartData): string {
  const named = (label: string) => `${label} (${UNIT_WORDS[unit]})`;
  const columns = lines.flatMap(({ label, values, range }) => [
    { name: named(label), values },
    ...(range === null
      ? []
      : [
          { name: named(`${label}, lowest`), values: range.low },
          { name: named(`${label}, highest`), values: range.high },
        ]),
  ]);
  return toCsv([
    ['time', ...columns.map(({ name }) => name)],
    ...frame.times.map((time, i) => [isoOf(time), ...columns.map(({ values }) => values[i] ?? null)]),
  ]);
}

/** One row for each change, the oldest first. */
export function transitionsCsv(transitions: readonly BreakerTransition[]): string {
  return toCsv([
    ['time', 'breaker', 'service', 'from', 'to', 'failures', 'error', 'reason', 'by'],
    ...transitions.map((change) => [
      change.at,
      change.breaker,
      change.service,
      change.from,
      change.to,
      change.failures,
      change.error,
      change.reason,
      change.by,
    ]),
  ]);
}

/** `archon-api-latency-2026-03-01T10-00-00.csv`: works on every file system. */
export function fileName(id: string, from_seconds: number, ending: string): string {
  const time = isoOf(from_seconds).slice(0, 19).replaceAll(':', '-');
  return `archon-${id.replaceAll('_', '-')}-${time}.${ending}`;
}
