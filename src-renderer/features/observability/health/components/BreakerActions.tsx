/** Buttons for what can be done with a breaker, and the questions they ask. */
import { Ban, RotateCcw, Stethoscope, Unlock } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Breaker } from '../../../../../src-contract/index.ts';
import { Button } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { Confirm } from '../../../../ui/Dialog.tsx';
import { Tip } from '../../../../ui/Tip.tsx';
import type { BreakerSteering } from '../hooks/use-breaker-steering.ts';
import { ACTION_LABELS, actionsOf, type BreakerAction } from '../model/breaker-words.ts';
import { IsolateDialog } from './IsolateDialog.tsx';

const ICONS: Readonly<Record<BreakerAction, ReactNode>> = {
  probe: <Stethoscope aria-hidden="true" className="size-3.5" />,
  reset: <RotateCcw aria-hidden="true" className="size-3.5" />,
  isolate: <Ban aria-hidden="true" className="size-3.5" />,
  release: <Unlock aria-hidden="true" className="size-3.5" />,
};

export interface BreakerActionsProps {
  breaker: Breaker;
  title: string;
  steering: BreakerSteering;
}

export function BreakerActions({ breaker, title, steering }: BreakerActionsProps) {
  return (
    <div role="group" aria-label={`Actions for ${title}`} className="flex flex-wrap gap-1.5">
      {actionsOf(breaker).map((action) => (
        // Isolate and release are one button: it keeps the focus.
        <ActionButton key={action === 'release' ? 'isolate' : action} action={action} steering={steering} />
      ))}
    </div>
  );
}

/** One that cannot be pressed still takes the focus, so that everybody can learn why. */
function ActionButton({ action, steering }: { action: BreakerAction; steering: BreakerSteering }) {
  const reason = steering.reason(action);
  const button = (
    <Button
      size="small"
      icon={ICONS[action]}
      busy={steering.busy === action}
      aria-disabled={reason !== undefined || undefined}
      onClick={() => steering.act(action)}
      className={cx(reason !== undefined && 'cursor-not-allowed opacity-50')}
    >
      {ACTION_LABELS[action]}
    </Button>
  );
  return reason === undefined ? button : <Tip text={reason}>{button}</Tip>;
}

/** What the actions ask before they are done. */
export function BreakerQuestions({ breaker, title, steering }: BreakerActionsProps) {
  const { asking, busy, consent, dismiss } = steering;
  return (
    <>
      <Confirm
        open={asking === 'reset'}
        onOpenChange={(isOpen) => !isOpen && dismiss()}
        title={`Close the breaker of ${title} without a test?`}
        action="Close it"
        busy={busy === 'reset'}
        onConfirm={() => consent('')}
      >
        Its failures are forgotten and calls go out at once. If it is still away they fail until the breaker opens
        again; a probe tests it first.
      </Confirm>
      {asking === 'isolate' && (
        <IsolateDialog breaker={breaker} title={title} isBusy={busy === 'isolate'} onDone={consent} onClose={dismiss} />
      )}
    </>
  );
}
