/** Asks why an action that waits for approval is not to be done. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { toast } from 'sonner';
import type { OpsAction } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { ReasonField, reasonFault } from '../../../../ui/ReasonField.tsx';
import { useBlocked } from '../../views/use-blocked.ts';
import { REMEDIATORS } from '../../words/action-words.ts';

export function RejectDialog({ action, onClose }: { action: OpsAction; onClose(): void }) {
  const queryClient = useQueryClient();
  const formId = useId();
  const blocked = useBlocked();
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
      await client.opsActions.reject({ action: action.id, ...(given === '' ? {} : { reason: given }) });
      for (const queryKey of [api.opsActions.key(), api.ops.status.key()]) {
        void queryClient.invalidateQueries({ queryKey });
      }
      toast.success(`${REMEDIATORS[action.remediator]}: rejected. It is not done.`);
      onClose();
    } catch (failure) {
      setError(problemOf(failure).message);
      setBusy(false);
    }
  });
  return (
    <>
      <Dialog
        open
        onOpenChange={(isOpen) => !isOpen && !isBusy && guard.leave()}
        title={`Reject: ${REMEDIATORS[action.remediator]}?`}
        description={localTimes(visibleText(action.cause))}
        width="max-w-md"
        footer={
          <>
            <Button disabled={isBusy} onClick={guard.leave}>
              Cancel
            </Button>
            <Button look="danger" type="submit" form={formId} busy={isBusy} blocked={blocked}>
              Reject it
            </Button>
          </>
        }
      >
        <form id={formId} noValidate onSubmit={submit}>
          <ReasonField
            label="Reason (may be left out)"
            help="Kept in the log of actions with your name."
            value={reason}
            error={error}
            onChange={(text) => {
              setReason(text);
              setError(undefined);
            }}
          />
        </form>
      </Dialog>
      <LeaveQuestion guard={guard} title="Leave without rejecting it?" action="Discard the reason">
        The reason you wrote is not kept, and the action waits on.
      </LeaveQuestion>
    </>
  );
}
