/** What a job is called, and how it stands, in words. */
import type { ExportScope, TransferCounts, TransferJob } from '../../../src-contract/index.ts';
import { excerpt, visibleText } from '../../ui/content/visible-text.ts';
import { number, plural } from '../../ui/format.ts';

export type Tone = 'ok' | 'warn' | 'bad' | 'plain';

export const nameOf = (job: TransferJob): string =>
  job.kind === 'import' ? visibleText(job.name) : `Memory of ${whose(job.scope)}`;

export function whose(scope: ExportScope): string {
  switch (scope.kind) {
    case 'user':
      return excerpt(scope.user_id, 60);
    case 'users':
      return plural(scope.user_ids.length, 'user');
    case 'org':
      return 'everybody';
  }
}

export const isEmpty = (counts: TransferCounts): boolean => Object.values(counts).every((count) => count === 0);

/** An import that stopped and was not gone on with. */
export const isStopped = (job: TransferJob): boolean =>
  job.kind === 'import' && job.can_resume !== null && (job.state === 'interrupted' || job.state === 'failed');

/** How a job ended, in a few words; of one that runs, that it does. */
export function outcomeOf(job: TransferJob): { text: string; tone: Tone } {
  const what = job.kind === 'import' ? 'Import' : 'Export';
  switch (job.state) {
    case 'running':
      return { text: `${what} running`, tone: 'plain' };
    case 'succeeded':
      if (job.kind === 'import' && job.error_count > 0) {
        return { text: `Import finished with ${plural(job.error_count, 'error')}`, tone: 'warn' };
      }
      if (job.kind === 'export' && isEmpty(job.exported)) return { text: 'Nothing to export', tone: 'warn' };
      return { text: `${what} finished`, tone: 'ok' };
    case 'failed':
      return { text: `${what} failed`, tone: 'bad' };
    case 'paused':
      return { text: `${what} paused`, tone: 'plain' };
    case 'interrupted':
      return { text: `${what} interrupted`, tone: 'warn' };
    case 'cancelled':
      return { text: `${what} cancelled`, tone: 'plain' };
  }
}

/** From 0 to 1, as far as anybody knows. */
export function shareOf({ progress }: TransferJob): number | null {
  const { bytes_done, bytes_total, records_done, records_total } = progress;
  if (bytes_total === null && records_total) return Math.min(1, records_done / records_total);
  return bytes_total ? Math.min(1, bytes_done / bytes_total) : null;
}

export const percent = (share: number): string => `${Math.floor(share * 100)} %`;

const COUNTED: readonly [keyof TransferCounts, string, string?][] = [
  ['sessions', 'session'],
  ['messages', 'message'],
  ['working', 'working memory', 'working memories'],
  ['longterm', 'long-term memory', 'long-term memories'],
];

/** `2 sessions, 4 messages`; empty when there is nothing. */
export function countsInWords(counts: TransferCounts): string {
  return COUNTED.filter(([kind]) => counts[kind] > 0)
    .map(([kind, one, many]) => plural(counts[kind], one, many))
    .join(', ');
}

/** Where a record that could not be imported stands. */
export const placeOf = ({ line, record }: { line: number | null; record: number | null }): string =>
  line !== null ? `line ${number(line)}` : record !== null ? `record ${number(record)}` : '';

/** `4 s`, `3 min 5 s`: from the start to the end. */
export function duration(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 1) return 'less than 1 s';
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
