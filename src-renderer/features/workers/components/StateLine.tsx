import type { Worker } from '../../../../src-contract/index.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { fullTime } from '../../../ui/format.ts';
import { useNow } from '../../../ui/use-now.ts';
import { STATES, stateSentence, untilWords } from '../worker-words.ts';

export function StateBadge({ worker }: { worker: Worker }) {
  const { label, tone } = STATES[worker.state.state];
  return <Badge tone={tone}>{label}</Badge>;
}

/** How it is now; what counts in it counts by the second. */
export function StateLine({ worker, className }: { worker: Worker; className?: string }) {
  return <p className={className}>{visibleText(stateSentence(worker, useNow()))}</p>;
}

/** Counts down to a time. */
export function Until({ time }: { time: string }) {
  return (
    <time dateTime={time} title={fullTime(time)} className="tabular-nums">
      {untilWords(time, useNow())}
    </time>
  );
}
