import type { ImportJob } from '../../../../src-contract/index.ts';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { number, plural } from '../../../ui/format.ts';
import { placeOf } from '../job-words.ts';

const SHOWN = 200;

/** The records an import left out: where each stands, and why. */
export function JobErrors({ job }: { job: ImportJob }) {
  const shown = job.errors.slice(0, SHOWN);
  const asText = () => job.errors.map((error) => `${placeOf(error) || '–'}\t${error.message}`).join('\n');
  return (
    <section aria-label="Records that could not be imported" className="rounded-lg border border-line">
      <h3 className="flex items-center gap-2 px-3 py-1.5 text-warn">
        <span className="flex-1">{plural(job.error_count, 'record')} could not be imported</span>
        <CopyButton text={asText} what="Copy the errors" />
      </h3>
      {/* Focusable, for what scrolls must be reached by keys. */}
      <ul tabIndex={0} className="max-h-48 overflow-y-auto border-line border-t px-3 py-2 text-xs">
        {shown.map((error) => (
          <li key={`${error.line} ${error.record} ${error.message}`} className="flex gap-3 py-0.5">
            <span className="w-20 shrink-0 text-faint tabular-nums">{placeOf(error)}</span>
            <span className="content-text">{visibleText(error.message)}</span>
          </li>
        ))}
        {job.error_count > shown.length && (
          <li className="text-faint">and {number(job.error_count - shown.length)} more</li>
        )}
      </ul>
    </section>
  );
}
