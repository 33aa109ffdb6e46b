/** Alerts that fire and actions that wait for a person, beside the name of the page that says more. */
import { useConnection } from '../../../rpc/connection.ts';
import { cx } from '../../../ui/classes.ts';
import { number } from '../../../ui/format.ts';
import { useKnownOpsStatus } from '../status/hooks/use-ops-status.ts';
import { opsMark } from './ops-mark.ts';

/** They differ in shape as well: on its point, square, round. */
const DOTS = {
  bad: 'rotate-45 rounded-[1px] bg-bad',
  warn: 'rounded-[2px] bg-warn',
  accent: 'rounded-full bg-accent-text',
} as const;
const MOST = 99;

export function OpsDot() {
  const status = useKnownOpsStatus();
  const isOnline = useConnection(({ state }) => state.phase === 'open');
  // What was so before the connection broke may not be so any more.
  const mark = status === undefined || !isOnline ? undefined : opsMark(status);
  if (mark === undefined) return null;
  return (
    <>
      <span aria-hidden="true" className={cx('absolute top-1 left-6 size-2 ring-2 ring-surface', DOTS[mark.tone])} />
      {mark.count > 0 && (
        <span
          aria-hidden="true"
          className="ml-auto rounded-full bg-hover px-1.5 text-[11px] text-text tabular-nums max-xl:hidden"
        >
          {mark.count > MOST ? `${MOST}+` : number(mark.count)}
        </span>
      )}
      <span className="sr-only">: {mark.words}</span>
    </>
  );
}
