/** Makes foreign text fit to be stored: what PostgreSQL or UTF-8 cannot hold is taken out or replaced. */
import { MAX_TEXT_LENGTH } from '../../../src-contract/index.ts';

const CUT_MARKER = '\n[… cut by the import: longer than a message may be]';
/** Longest label, such as a title: as `labelText` of the contract. */
const MAX_LABEL_LENGTH = 500;

export interface StorableText {
  text: string;
  /** NUL was removed or a lone surrogate replaced by U+FFFD. */
  repaired: boolean;
  /** It was longer than {@link MAX_TEXT_LENGTH} and lost its end. */
  cut: boolean;
}

/** At most this many UTF-16 units, with "…" where something was cut off; well-formed. */
export function shortened(text: string, length: number): string {
  return (text.length <= length ? text : `${text.slice(0, length - 1)}…`).toWellFormed();
}

export function storableText(raw: string): StorableText {
  const text = repair(raw);
  const repaired = text !== raw;
  if (text.length <= MAX_TEXT_LENGTH) return { text, repaired, cut: false };
  // Cutting may split a surrogate pair.
  const head = text.slice(0, MAX_TEXT_LENGTH - CUT_MARKER.length).toWellFormed();
  return { text: head + CUT_MARKER, repaired, cut: true };
}

/** A title, model name or path, as short as labels must be; undefined when nothing is left or it is no text at all. */
export function storableLabel(raw: unknown): string | undefined {
  if (typeof raw !== 'string') return undefined;
  const label = repair(raw).replace(/\s+/g, ' ').trim();
  return label === '' ? undefined : label.slice(0, MAX_LABEL_LENGTH).toWellFormed().trim();
}

function repair(text: string): string {
  return (text.includes('\u0000') ? text.replaceAll('\u0000', '') : text).toWellFormed();
}
