/** Shows what would be done, asks for consent, does it, and follows what becomes of it. */
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import type { OpsAction } from '../../../../../src-contract/index.ts';
import { labelText } from '../../../../../src-contract/primitives.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { api } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { useBlocked } from '../../views/use-blocked.ts';
import { ActionProgress } from './ActionProgress.tsx';
import { type ActionWhat, Preview, usePreview } from './Preview.tsx';

export interface DoDialogProps {
  title: string;
  what: ActionWhat;
  /** What the button says. */
  action: string;
  /** Why the agent wants it, where it does. */
  cause?: string;
  /** Whether a person who does it is asked why; it goes into the log. */
  asksReason?: boolean;
  /** @throws whatever the engine says against it */
  start(reason: string | undefined): Promise<OpsAction>;
  onClose(): void;
}

export function DoDialog({ title, what, action, cause, asksReason = false, start, onClose }: DoDialogProps) {
  const queryClient = useQueryClient();
  const formId = useId();
  const preview = usePreview(what);
  const [reason, setReason] = useState('');
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const [begun, setBegun] = useState<OpsAction>();
  const blocked = useBlocked() ?? blockedBy(preview);
  const guard = useLeaveGuard({ hasChanges: () => begun === undefined && reason.trim() !== '', onLeave: onClose });
  const submit = useOneAtATime<FormEvent>(async () => {
    if (blocked !== undefined || begun !== undefined) return;
    const given = reason.trim();
    if (given !== '' && !labelText.safeParse(given).success) {
      setError('A reason has at most 500 characters, and none that cannot be stored.');
      return;
    }
    setBusy(true);
    try {
      setBegun(await start(given === '' ? undefined : given));
      setError(undefined);
      for (const queryKey of [api.opsActions.key(), api.ops.status.key()]) {
        void queryClient.invalidateQueries({ queryKey });
      }
    } catch (failure) {
      setError(problemOf(failure).message);
    } finally {
      setBusy(false);
    }
  });
  return (
    <>
      <Dialog
        open
        onOpenChange={(isOpen) => !isOpen && !isBusy && guard.leave()}
        title={title}
        {...(cause === undefined ? {} : { description: localTimes(visibleText(cause)) })}
        footer={
          begun === undefined ? (
            <>
              <Button disabled={isBusy} onClick={guard.leave}>
                Cancel
              </Button>
              <Button
                look={preview.data?.risk === 'high' ? 'danger' : 'primary'}
                type="submit"
                form={formId}
                busy={isBusy}
                blocked={blocked}
              >
                {action}
              </Button>
            </>
          ) : (
            <Button onClick={onClose}>Close</Button>
          )
        }
      >
        {begun === undefined ? (
          <form id={formId} noValidate onSubmit={submit} className="space-y-3">
            <Preview query={preview} target={what.target} />
            {asksReason && (
              <Field label="Reason (may be left out)" error={error} help="Kept in the log of actions with your name.">
                {(props) => (
                  <TextInput
                    {...props}
                    dir="auto"
                    maxLength={500}
                    value={reason}
                    onChange={(event) => {
                      setReason(event.target.value);
                      setError(undefined);
                    }}
                  />
                )}
              </Field>
            )}
            {!asksReason && error !== undefined && (
              <p role="alert" className="content-text text-bad">
                {error}
              </p>
            )}
          </form>
        ) : (
          <ActionProgress begun={begun} onLeave={onClose} />
        )}
      </Dialog>
      <LeaveQuestion guard={guard} title="Leave without doing it?" action="Discard the reason">
        The reason you wrote is not kept, and nothing is done.
      </LeaveQuestion>
    </>
  );
}

function blockedBy({ data, isPending }: ReturnType<typeof usePreview>): string | undefined {
  if (data !== undefined) return data.blocked ?? undefined;
  return isPending ? 'What it would do is being looked at.' : 'What it would do is not known.';
}
