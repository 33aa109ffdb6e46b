/** The kill switch: asks why, and for how long. */
import { type FormEvent, useId, useState } from 'react';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { ReasonField, reasonFault } from '../../../../ui/ReasonField.tsx';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { useOpsSteering } from '../hooks/use-ops-steering.ts';

const SPANS = [
  { value: '30', label: '30 minutes' },
  { value: '120', label: '2 hours' },
  { value: 'open', label: 'Until resumed' },
] as const;
type Span = (typeof SPANS)[number]['value'];
const MINUTE_MS = 60_000;

export function PauseDialog({ onClose }: { onClose(): void }) {
  const formId = useId();
  const { pause, blocked } = useOpsSteering();
  const [span, setSpan] = useState<Span>('30');
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const guard = useLeaveGuard({ hasChanges: () => reason.trim() !== '', onLeave: onClose });
  const submit = useOneAtATime<FormEvent>(async () => {
    if (blocked !== undefined) return;
    const given = reason.trim();
    const fault = reasonFault(given);
    if (fault !== undefined) {
      setError(fault);
      return;
    }
    setBusy(true);
    try {
      await pause({
        ...(given === '' ? {} : { reason: given }),
        ...(span === 'open' ? {} : { until: new Date(Date.now() + Number(span) * MINUTE_MS).toISOString() }),
      });
      onClose();
    } catch (cause) {
      setError(problemOf(cause).message);
      setBusy(false);
    }
  });
  return (
    <>
      <Dialog
        open
        onOpenChange={(isOpen) => !isOpen && !isBusy && guard.leave()}
        title="Pause the ops agent"
        width="max-w-md"
        footer={
          <>
            <Button disabled={isBusy} onClick={guard.leave}>
              Cancel
            </Button>
            <Button look="danger" type="submit" form={formId} busy={isBusy} blocked={blocked}>
              Pause it
            </Button>
          </>
        }
      >
        <form id={formId} noValidate onSubmit={submit} className="space-y-4">
          <p>
            It does <strong>nothing by itself</strong> until it is resumed, on every node. It goes on watching, and
            alerts are sent. What is being done now comes to its end.
          </p>
          <div className="space-y-1">
            <p className="font-medium text-muted text-xs">For how long</p>
            <Segmented<Span> label="For how long" value={span} options={SPANS} onChange={setSpan} />
          </div>
          <ReasonField
            label="Reason (may be left out)"
            help="Shown with your name until it is resumed."
            placeholder="maintenance of the database"
            value={reason}
            error={error}
            onChange={(text) => {
              setReason(text);
              setError(undefined);
            }}
          />
        </form>
      </Dialog>
      <LeaveQuestion guard={guard} title="Leave without pausing?" action="Discard the reason">
        The reason you wrote is not kept, and the ops agent is not paused.
      </LeaveQuestion>
    </>
  );
}
