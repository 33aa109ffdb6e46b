import { Fragment } from 'react';

/** More marks than this are not drawn: nobody counts them, and each costs. */
const MAX_MARKS = 500;

/** Text, with every place marked where `find` occurs. */
export function Marked({ text, find }: { text: string; find?: string | undefined }) {
  if (!find) return text;
  const parts = splitAt(text, find);
  return parts.map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text never move.
    <Fragment key={index}>
      {index % 2 === 1 ? <mark className="rounded-sm bg-warn/35 text-text">{part}</mark> : part}
    </Fragment>
  ));
}

/** The text cut around what is found: every second part is a place where it occurs. */
function splitAt(text: string, find: string): string[] {
  const lower = text.toLowerCase();
  const wanted = find.toLowerCase();
  // Lower case can be longer or shorter than what it comes from; then places would be wrong.
  if (lower.length !== text.length) return [text];
  const parts: string[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0 && parts.length < MAX_MARKS * 2; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + find.length));
    from = at + find.length;
  }
  parts.push(text.slice(from));
  return parts;
}
