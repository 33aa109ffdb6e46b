/** Instead of charts in which there would be nothing. */
import { Hourglass, Moon } from 'lucide-react';
import { Button } from '../../../../ui/Button.tsx';
import { EmptyState } from '../../../../ui/states.tsx';
import { useNow } from '../../../../ui/use-now.ts';
import { useEngineClock } from '../hooks/engine-clock.ts';

const SAMPLE_SECONDS = 10;

/** Archon has just begun: its first sample is still to come. */
export function FirstFigures() {
  const ahead_ms = useEngineClock((clock) => clock.ahead_ms);
  const seconds = SAMPLE_SECONDS - (Math.floor((useNow() + ahead_ms) / 1000) % SAMPLE_SECONDS);
  return (
    <EmptyState icon={<Hourglass />} title="No figures yet">
      Collected every {SAMPLE_SECONDS} s; first figures in {/* Not announced with every second. */}
      <span className="tabular-nums">{seconds} s</span>. They are kept for 30 days.
    </EmptyState>
  );
}

/** There are figures, but none of this time. */
export function NothingMeasured({ onNow }: { onNow(): void }) {
  return (
    <EmptyState
      icon={<Moon />}
      title="Nothing was measured in this time"
      actions={
        <Button size="small" onClick={onNow}>
          Show the last hour
        </Button>
      }
    >
      Archon was not running, or it was before figures were kept.
    </EmptyState>
  );
}
