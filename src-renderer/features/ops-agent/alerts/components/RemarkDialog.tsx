/** What a person says of an alert: that they are at it, or a note. */
import { type FormEvent, useId, useRef, useState } from 'react';
import type { OpsAlert } from '../../../../../src-contract/index.ts';
import { LeaveQuestion } from '../../../../app/LeaveQuestion.tsx';
import { useLeaveGuard } from '../../../../app/use-leave-guard.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field, TextArea } from '../../../../ui/fields.tsx';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';

const MOST = 4000;

export interface RemarkDialogProps {
  kind: 'acknowledge' | 'note';
  alert: OpsAlert;
  isBusy: boolean;
  blocked: string | undefined;
  /** @throws what the call says */
  onSay(text: string): Promise<void>;
  onClose(): void;
}

const WORDS = {
  acknowledge: {
    title: 'Acknowledge the alert',
    help: 'Others see that you are at it. It is not sent again, and not escalated by time.',
    field: 'Note (it may be left out)',
    action: 'Acknowledge',
  },
  note: {
    title: 'Add a note',
    help: 'It stands in what happened, for everybody.',
    field: 'Note',
    action: 'Add the note',
  },
} as const;

export function RemarkDialog({ kind, alert, isBusy, blocked, onSay, onClose }: RemarkDialogProps) {
  const formId = useId();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const isSaid = useRef(false);
  const words = WORDS[kind];
  const guard = useLeaveGuard({
    hasChanges: () => text.trim() !== '' && !isSaid.current,
    onLeave: onClose,
    member: 'alert',
  });
  const say = useOneAtATime(async (_event?: FormEvent) => {
    const trimmed = text.trim();
    if (blocked !== undefined) return;
    if (kind === 'note' && trimmed === '') {
      setProblem('Write something first.');
      return;
    }
    try {
      await onSay(trimmed);
      isSaid.current = true;
      onClose();
    } catch (error) {
      setProblem(problemOf(error).message);
    }
  });
  return (
    <>
      <Dialog
        open
        onOpenChange={(isOpen) => !isOpen && !isBusy && guard.leave()}
        title={words.title}
        description={visibleText(alert.summary)}
        footer={
          <>
            <Button disabled={isBusy} onClick={guard.leave}>
              Cancel
            </Button>
            <Button look="primary" type="submit" form={formId} busy={isBusy} blocked={blocked}>
              {words.action}
            </Button>
          </>
        }
      >
        <form id={formId} noValidate onSubmit={say}>
          <Field label={words.field} help={words.help} error={problem}>
            {(props) => (
              <TextArea
                {...props}
                dir="auto"
                autoFocus
                maxLength={MOST}
                value={text}
                onChange={({ target }) => {
                  setText(target.value);
                  setProblem(undefined);
                }}
                onKeyDown={(event) => {
                  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void say();
                }}
              />
            )}
          </Field>
        </form>
      </Dialog>
      <LeaveQuestion guard={guard}>What you wrote is not kept yet.</LeaveQuestion>
    </>
  );
}
