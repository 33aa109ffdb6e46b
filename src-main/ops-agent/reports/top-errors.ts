/** The errors of the log that came most often. */
import type { LogEntry, OpsReportData } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { Logs } from '../../observability/logs/logs.ts';
import type { Period } from './period.ts';

type Told = OpsReportData['errors'][number];

const TOP = 10;
const PAGE = 100;
/** Pages that are looked through; a log that is all errors is told of by its newest. */
const MOST_PAGES = 50;
const LONGEST = 300;

/** The log was redacted when it was written, and is again when it is read. */
export async function topErrors(logs: Pick<Logs, 'list'>, period: Period, signal: AbortSignal): Promise<Told[]> {
  const groups = new ErrorGroups();
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    signal.throwIfAborted();
    const { items, next_cursor } = await logs.list({
      level: 'error',
      from: isoTime(period.from_ms),
      to: isoTime(period.to_ms),
      limit: PAGE,
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const entry of items) groups.add(entry);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return groups.top();
}

export class ErrorGroups {
  readonly #groups = new Map<string, Told>();

  /** Entries come newest first. */
  add(entry: LogEntry): void {
    const message = normalised(textOf(entry));
    const key = `${entry.component}\n${message}`;
    const known = this.#groups.get(key);
    if (known === undefined) {
      this.#groups.set(key, { message, component: entry.component, count: 1, last_at: entry.created_at });
      return;
    }
    known.count += 1;
    if (entry.created_at > known.last_at) known.last_at = entry.created_at;
  }

  top(): Told[] {
    const byCount = (a: Told, b: Told) => b.count - a.count || b.last_at.localeCompare(a.last_at);
    return [...this.#groups.values()].toSorted(byCount).slice(0, TOP);
  }
}

const textOf = ({ message, error }: LogEntry): string =>
  error === null || message.includes(error.message) ? message : `${message}: ${error.message}`;

/** Without what tells two of the same kind apart: ids, addresses, numbers, times. */
export function normalised(text: string): string {
  return text
    .slice(0, LONGEST * 4)
    .replaceAll(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>')
    .replaceAll(/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?/g, '<time>')
    .replaceAll(/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, '<address>')
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b/gi, '<id>')
    .replaceAll(/\d+(?:\.\d+)?/g, '<n>')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST);
}
