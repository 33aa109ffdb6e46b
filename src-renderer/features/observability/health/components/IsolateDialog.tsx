/** Asks why a service is to be isolated, and says what stops. */
import { type FormEvent, useId, useState } from 'react';
import type { Breaker } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { ReasonField, reasonFault } from '../../../../ui/ReasonField.tsx';
import { isolationWords } from '../model/breaker-words.ts';

export interface IsolateDialogProps {
  breaker: Breaker;
  title: string;
  isBusy: boolean;
  onDone(reason: string): void;
  onClose(): void;
}

export function IsolateDialog({ breaker, title, isBusy, onDone, onClose }: IsolateDialogProps) {
  const formId = useId();
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string>();
  const guard = useLeaveGuard({
    hasChanges: () => reason.trim() !== '',
    onLeave: onClose,
    // It stands in the drawer of any of these.
    member: ['component', 'breaker', 'view'],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    const given = reason.trim();
    const fault = given === '' ? 'Say why: it is shown to everybody until it is released.' : reasonFault(given);
    if (fault === undefined) onDone(given);
    else setError(fault);
  };
  return (
    <>
      <Dialog
        open
        onOpenChange={(isOpen) => !isOpen && !isBusy && guard.leave()}
        title={`Isolate ${title}?`}
        width="max-w-md"
        footer={
          <>
            <Button disabled={isBusy} onClick={guard.leave}>
              Cancel
            </Button>
            <Button look="danger" type="submit" form={formId} busy={isBusy}>
              Isolate it
            </Button>
          </>
        }
      >
        <form id={formId} noValidate onSubmit={submit} className="space-y-3">
          <p>
            No call of it is made <strong>until a person releases it</strong>, also after a restart.{' '}
            {isolationWords(breaker)}
          </p>
          <ReasonField
            label="Reason"
            help="Shown with your name until it is released."
            placeholder="moved to another machine"
            value={reason}
            error={error}
            onChange={(text) => {
              setReason(text);
              setError(undefined);
            }}
          />
        </form>
      </Dialog>
      <LeaveQuestion guard={guard} title={`Leave without isolating ${title}?`} action="Discard the reason">
        The reason you wrote is not kept, and {title} is not isolated.
      </LeaveQuestion>
    </>
  );
}
