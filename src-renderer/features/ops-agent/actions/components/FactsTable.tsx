import type { OpsFact } from '../../../../../src-contract/index.ts';
import { cx } from '../../../../ui/classes.ts';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { compareFacts } from '../model/compare-facts.ts';

const shown = (text: string): string => localTimes(visibleText(text));

/** What was measured, a line for each. */
export function Facts({ facts }: { facts: readonly OpsFact[] }) {
  return (
    <dl className="grid grid-cols-[minmax(0,auto)_minmax(0,1fr)] gap-x-4 gap-y-1 text-xs">
      {facts.map(({ label, value }) => (
        <DetailRow key={label} name={visibleText(label)}>
          <span dir="auto" className="tabular-nums">
            {shown(value)}
          </span>
        </DetailRow>
      ))}
    </dl>
  );
}

/** The same before and after: what has changed stands out. */
export function ComparedFacts({ before, after }: { before: readonly OpsFact[]; after: readonly OpsFact[] }) {
  const facts = compareFacts(before, after);
  if (facts.length === 0) return <p className="text-muted text-xs">Nothing was measured.</p>;
  return (
    <table className="w-full table-fixed text-left text-xs">
      <thead className="text-[11px] text-faint">
        <tr className="border-line border-b">
          <th scope="col" className="py-1 pr-3 font-normal">
            Measured
          </th>
          <th scope="col" className="py-1 pr-3 font-normal">
            Before
          </th>
          <th scope="col" className="py-1 font-normal">
            After
          </th>
        </tr>
      </thead>
      <tbody>
        {facts.map((fact) => (
          <tr key={fact.label} className="border-line/60 border-b align-top last:border-b-0 [overflow-wrap:anywhere]">
            <th scope="row" className="py-1 pr-3 font-normal text-muted">
              {shown(fact.label)}
            </th>
            <td dir="auto" className="py-1 pr-3 tabular-nums">
              {fact.before === undefined ? '–' : shown(fact.before)}
            </td>
            <td
              dir="auto"
              className={cx(
                'py-1 tabular-nums',
                fact.after !== undefined && fact.before !== undefined && fact.after !== fact.before && 'font-medium',
              )}
            >
              {fact.after === undefined ? '–' : shown(fact.after)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
