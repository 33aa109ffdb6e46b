/** Snapshots and comparisons in words. */
import {
  COMPARED_LAYERS,
  type ComparedLayer,
  type Comparison,
  DIFFERENCE_KINDS,
  type Difference,
  type DifferenceKind,
  type Snapshot,
} from '../../../../src-contract/index.ts';
import type { Tone } from '../../../ui/Badge.tsx';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { bytes, number, plural } from '../../../ui/format.ts';

export function outcomeOf(snapshot: Snapshot): { text: string; tone: Tone } {
  switch (snapshot.state) {
    case 'running':
      return { text: 'Running', tone: 'accent' };
    case 'paused':
      return { text: snapshot.reason === null ? 'Paused' : 'Waiting', tone: 'warn' };
    case 'succeeded':
      return { text: snapshot.into === 'copy' ? 'Copy' : 'Archive', tone: 'ok' };
    case 'failed':
      return { text: 'Failed', tone: 'bad' };
    case 'cancelled':
      return { text: 'Cancelled', tone: 'plain' };
  }
}

/** How far one is, from 0 to 1 over both of its phases; null when nobody knows. */
export function shareOf({ into, progress }: Snapshot): number | null {
  const { phase, bytes_done, bytes_total, records_done, records_total } = progress;
  const share =
    bytes_total !== null && bytes_total > 0
      ? bytes_done / bytes_total
      : records_total !== null && records_total > 0
        ? records_done / records_total
        : null;
  if (share === null) return null;
  const bounded = Math.min(1, share);
  if (into === 'archive') return bounded;
  return phase === 'reading' ? bounded / 2 : 0.5 + bounded / 2;
}

/** `1 of 2: reading, 2,400 of 10,000 records, 1.2 MB`. */
export function progressInWords({ into, progress }: Snapshot): string {
  const { phase, bytes_done, records_done, records_total } = progress;
  const step = into === 'archive' ? 'Reading' : phase === 'reading' ? '1 of 2: reading' : '2 of 2: writing the copy';
  const records =
    records_total === null
      ? plural(records_done, 'record')
      : `${number(records_done)} of ${plural(records_total, 'record')}`;
  return `${step}, ${records}, ${bytes(bytes_done)}`;
}

export function whose(users: readonly string[] | null): string {
  if (users === null) return 'everybody';
  const [only] = users;
  return users.length === 1 && only !== undefined ? excerpt(only, 60) : plural(users.length, 'user');
}

/** All of them, of which only the first may be listed. */
export const differencesOf = ({ counts }: Extract<Comparison, { state: 'succeeded' }>): number =>
  COMPARED_LAYERS.flatMap((layer) => DIFFERENCE_KINDS.map((kind) => counts[layer][kind])).reduce(
    (sum, count) => sum + count,
    0,
  );

export const LAYER_NAMES: Readonly<Record<ComparedLayer, string>> = {
  session: 'Sessions',
  message: 'Messages',
  working: 'Working memories',
  longterm: 'Long-term memories',
};
export const LAYER_NAME: Readonly<Record<ComparedLayer, string>> = {
  session: 'Session',
  message: 'Message',
  working: 'Working',
  longterm: 'Long-term',
};
export const KIND_TONES: Readonly<Record<DifferenceKind, Tone>> = { added: 'ok', changed: 'accent', gone: 'bad' };

/** The text of one, or what stands for it. */
export function textOf({ before, after, layer }: Difference): string {
  const text = (after ?? before)?.text ?? '';
  return text === '' && layer === 'session' ? 'Without a title' : text;
}

const CSV_HEADING = ['kind', 'layer', 'user_id', 'session_id', 'id', 'fields', 'before', 'after'];

/** A table for spreadsheets. What a spreadsheet would take for a formula is made text. */
export function toCsv(differences: readonly Difference[]): string {
  const rows = differences.map(({ kind, layer, user_id, session_id, id, fields, before, after }) => [
    kind,
    layer,
    user_id,
    session_id ?? '',
    id,
    fields.map(({ field }) => field).join(' '),
    before?.text ?? '',
    after?.text ?? '',
  ]);
  return [CSV_HEADING, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n');
}

function csvCell(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
