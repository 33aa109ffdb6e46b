import { useMemo, useState } from 'react';
import { Button } from '../Button.tsx';
import { cx } from '../classes.ts';
import { number } from '../format.ts';
import { CodeBlock } from './CodeBlock.tsx';
import { fencedParts } from './fenced-parts.ts';
import { farPassage, firstPlace } from './find-passage.ts';
import { Marked } from './Marked.tsx';
import { visibleText } from './visible-text.ts';

/** A text longer than this is folded at first. */
const FOLDED_LENGTH = 1600;
const FOLDED_LINES = 24;
/** How much more is shown at a time: a megabyte at once would stop the page. */
const STEP = 60_000;

export interface ContentTextProps {
  text: string;
  /** Marks where this text occurs; a text that holds it is not folded, and a place far down is shown by itself. */
  find?: string | undefined;
  className?: string;
}

/** Text of a message or memory: prose as it is, code highlighted, nothing ever run. Long texts are folded. */
export function ContentText({ text, find, className }: ContentTextProps) {
  const folded = foldLength(text);
  const isFound = useMemo(() => find !== undefined && firstPlace(text, find) >= 0, [text, find]);
  // Of this text: another one in its place begins folded.
  const [unfolded, setUnfolded] = useState({ text, length: folded });
  const length = unfolded.text === text ? unfolded.length : folded;
  const setLength = (next: number) => setUnfolded({ text, length: next });
  const end = isFound ? Math.max(length, Math.min(text.length, STEP)) : length;
  const parts = useMemo(() => fencedParts(text.slice(0, end).toWellFormed()), [text, end]);
  const far = useMemo(
    () => (isFound && find !== undefined ? farPassage(text, find, end) : undefined),
    [text, find, end, isFound],
  );
  const rest = text.length - end;
  return (
    <div className={cx('min-w-0', className)}>
      {parts.map((part, index) =>
        part.kind === 'code' ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text never move.
          <CodeBlock key={index} text={part.text} language={part.language} find={isFound ? find : undefined} />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text never move.
          <p key={index} dir="auto" className="content-text">
            <Marked text={visibleText(part.text)} find={isFound ? find : undefined} />
          </p>
        ),
      )}
      {far && (
        <div className="mt-2 border-accent border-l-2 pl-2">
          <p className="text-[11px] text-faint">{number(far.from)} characters further on</p>
          <p dir="auto" className="content-text">
            … <Marked text={visibleText(text.slice(far.from, far.to).toWellFormed())} find={find} /> …
          </p>
        </div>
      )}
      {rest > 0 && (
        <Button size="small" look="ghost" className="mt-1" onClick={() => setLength(Math.min(text.length, end + STEP))}>
          Show {rest > STEP ? `${number(STEP)} more of ${number(rest)}` : `the other ${number(rest)}`} characters
        </Button>
      )}
      {length > folded && rest <= 0 && text.length > folded && (
        <Button size="small" look="ghost" className="mt-1" onClick={() => setLength(folded)}>
          Show less
        </Button>
      )}
    </div>
  );
}

/** Where a long text is cut: at the end of a line, if one is near. */
function foldLength(text: string): number {
  let end = Math.min(text.length, FOLDED_LENGTH);
  let lines = 0;
  for (let at = 0; at < end; at += 1) {
    if (text.charCodeAt(at) !== 10) continue;
    lines += 1;
    if (lines === FOLDED_LINES) end = at;
  }
  // Little more is shown at once: a fold that hides a line is a nuisance.
  return text.length - end < 200 ? text.length : end;
}
