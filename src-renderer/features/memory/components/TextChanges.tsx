import { useMemo } from 'react';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { textDiff } from '../text-diff.ts';

/** What changed between two texts, in place. */
export function TextChanges({ before, after }: { before: string; after: string }) {
  const { parts, isCut } = useMemo(() => textDiff(before, after), [before, after]);
  return (
    <div
      dir="auto"
      className="content-text max-h-64 overflow-y-auto rounded bg-bg p-2 text-xs"
      tabIndex={0}
      role="group"
      aria-label="What changed in the text"
    >
      {parts.map(({ kind, text }, index) => {
        const shown = visibleText(text);
        // biome-ignore-start lint/suspicious/noArrayIndexKey: parts of one comparison never move.
        if (kind === 'added') {
          return (
            <ins key={index} className="rounded-sm bg-ok/20 text-ok no-underline">
              {shown}
            </ins>
          );
        }
        if (kind === 'removed') {
          return (
            <del key={index} className="rounded-sm bg-bad-soft text-bad">
              {shown}
            </del>
          );
        }
        return <span key={index}>{shown}</span>;
        // biome-ignore-end lint/suspicious/noArrayIndexKey: as above.
      })}
      {isCut && <span className="text-faint"> … only the beginnings were compared</span>}
    </div>
  );
}
