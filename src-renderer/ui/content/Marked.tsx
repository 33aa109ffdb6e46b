import { Fragment } from 'react';
import { splitAt } from './split-at.ts';

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
