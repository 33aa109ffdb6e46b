import { useMemo } from 'react';
import type { JsonObject } from '../../../../../src-contract/index.ts';
import { cx } from '../../../../ui/classes.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { plural } from '../../../../ui/format.ts';
import { payloadDiff } from '../payload-diff.ts';

/** A line longer than this is shown by its beginning. */
const MOST_LENGTH = 2000;
const MOST_LINES = 1000;

/** What an edited payload changes. */
export function PayloadChanges({ before, after }: { before: JsonObject; after: JsonObject }) {
  const lines = useMemo(() => payloadDiff(before, after), [before, after]);
  if (lines.length === 0) return <p>It says the same as the event: nothing is changed.</p>;
  return (
    <div
      role="group"
      aria-label="What is changed in the payload"
      tabIndex={0}
      className="max-h-full overflow-auto rounded-md border border-line bg-bg py-2 font-mono text-xs leading-[1.6]"
    >
      {lines.slice(0, MOST_LINES).map((line, index) => {
        // biome-ignore-start lint/suspicious/noArrayIndexKey: lines of one comparison never move.
        if (line.kind === 'skipped') {
          return (
            <p key={index} className="px-3 text-faint">
              … {plural(line.count, 'line')} as before
            </p>
          );
        }
        const Part = line.kind === 'added' ? 'ins' : line.kind === 'removed' ? 'del' : 'span';
        return (
          <Part
            key={index}
            className={cx(
              'block whitespace-pre-wrap px-3 no-underline [overflow-wrap:anywhere]',
              line.kind === 'added' && 'bg-ok/15 text-ok',
              line.kind === 'removed' && 'bg-bad-soft text-bad',
            )}
          >
            <span aria-hidden="true" className="select-none">
              {line.kind === 'added' ? '+ ' : line.kind === 'removed' ? '− ' : '  '}
            </span>
            {visibleText(line.text.slice(0, MOST_LENGTH))}
            {line.text.length > MOST_LENGTH && ' …'}
          </Part>
        );
        // biome-ignore-end lint/suspicious/noArrayIndexKey: as above.
      })}
      {lines.length > MOST_LINES && (
        <p className="px-3 text-faint">… {plural(lines.length - MOST_LINES, 'more line')}</p>
      )}
    </div>
  );
}
