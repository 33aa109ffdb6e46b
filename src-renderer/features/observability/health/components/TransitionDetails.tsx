/** One change of a breaker's state, whole: what has no room in its row. */
import { X } from 'lucide-react';
import type { BreakerTransition } from '../../../../../src-contract/index.ts';
import { IconButton } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { fullTime, number } from '../../../../ui/format.ts';
import { BREAKER_LOOKS } from '../model/breaker-words.ts';

export function TransitionDetails({ transition, onClose }: { transition: BreakerTransition; onClose(): void }) {
  const { from, to, at, failures, error, reason, by } = transition;
  return (
    <section
      aria-label="Details of the change"
      tabIndex={0}
      className="max-h-[45%] shrink-0 overflow-y-auto border-line-strong border-t bg-raised p-3 text-xs"
    >
      <header className="mb-2 flex items-center gap-2">
        <h3 className="flex-1 font-semibold">
          {BREAKER_LOOKS[from].label} → {BREAKER_LOOKS[to].label}
        </h3>
        <CopyButton what="Copy the change as JSON" text={() => JSON.stringify(transition, null, 2)} />
        <IconButton label="Close the details of the change" icon={<X className="size-4" />} onClick={onClose} />
      </header>
      <dl className="grid grid-cols-[110px_minmax(0,1fr)] gap-y-1">
        <DetailRow name="When">{fullTime(at)}</DetailRow>
        <DetailRow name="By">{by === null ? 'itself' : visibleText(by)}</DetailRow>
        {failures !== null && <DetailRow name="Failures in a row">{number(failures)}</DetailRow>}
        {reason !== null && <DetailRow name="Reason">{visibleText(reason)}</DetailRow>}
        {error !== null && (
          <DetailRow name="Error">
            <span className="content-text text-bad">{visibleText(localTimes(error))}</span>
          </DetailRow>
        )}
      </dl>
    </section>
  );
}
