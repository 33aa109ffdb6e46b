/** How everything is, as a dot beside the name of the page that says more. */
import { cx } from '../../../ui/classes.ts';
import { useFreshness } from './hooks/use-freshness.ts';
import { useHealthFacts } from './hooks/use-health-facts.ts';

const LOOKS = {
  ok: { dot: 'bg-ok', text: 'all is well' },
  warn: { dot: 'bg-warn', text: 'there are warnings' },
  bad: { dot: 'bg-bad', text: 'something is wrong' },
  unknown: { dot: 'bg-line-strong', text: 'not known' },
} as const;

export function HealthDot() {
  const known = useHealthFacts();
  const isCurrent = useFreshness(known)?.kind === 'current';
  const look = LOOKS[isCurrent ? (known.alerts[0]?.severity ?? 'ok') : 'unknown'];
  return (
    <>
      <span
        aria-hidden="true"
        className={cx('absolute top-1 left-6 size-2 rounded-full ring-2 ring-surface', look.dot)}
      />
      <span className="sr-only">: {look.text}</span>
    </>
  );
}
