/** How everything is, as a dot beside the name of the page that says more. */
import { cx } from '../../../ui/classes.ts';
import { useFreshness } from './hooks/use-freshness.ts';
import { useHealthFacts } from './hooks/use-health-facts.ts';

/** They differ in shape as well: round, square, on its point, hollow. */
const LOOKS = {
  ok: { dot: 'rounded-full bg-ok', text: 'all is well' },
  warn: { dot: 'rounded-[2px] bg-warn', text: 'there are warnings' },
  bad: { dot: 'rotate-45 rounded-[1px] bg-bad', text: 'something is wrong' },
  unknown: { dot: 'rounded-full border border-line-strong bg-surface', text: 'not known' },
} as const;

export function HealthDot() {
  const known = useHealthFacts();
  const isCurrent = useFreshness(known)?.kind === 'current';
  const look = LOOKS[isCurrent ? (known.alerts[0]?.severity ?? 'ok') : 'unknown'];
  return (
    <>
      <span aria-hidden="true" className={cx('absolute top-1 left-6 size-2 ring-2 ring-surface', look.dot)} />
      <span className="sr-only">: {look.text}</span>
    </>
  );
}
