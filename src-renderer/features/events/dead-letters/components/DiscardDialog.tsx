import { zodResolver } from '@hookform/resolvers/zod';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import type { DeadLetterSelection } from '../../../../../src-contract/index.ts';
import { labelText } from '../../../../../src-contract/primitives.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { plural } from '../../../../ui/format.ts';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { useLetterActions } from '../hooks/use-letter-actions.ts';
import { asOf } from '../letter-filter.ts';
import { SelectionCount, useSelectionCount } from './SelectionCount.tsx';

const form = z.object({
  reason: z
    .string()
    .refine((reason) => reason.trim() !== '', 'Say why: it is kept with the letter.')
    .refine(
      (reason) => reason.trim() === '' || labelText.safeParse(reason).success,
      'A reason has at most 500 characters, and none that cannot be stored.',
    ),
});

export interface DiscardDialogProps {
  select: DeadLetterSelection;
  onClose(): void;
  onDone?(): void;
}

/** Asks for the reason, and says what cannot be undone. */
export function DiscardDialog({ select, onClose, onDone }: DiscardDialogProps) {
  const { discard, isBusy, blocked } = useLetterActions();
  const [openedAt_ms] = useState(Date.now);
  const counted = useSelectionCount(select);
  const { register, handleSubmit, formState } = useForm({
    resolver: zodResolver(form),
    defaultValues: { reason: '' },
  });
  const submit = useOneAtATime(
    handleSubmit(async ({ reason }) => {
      if (blocked !== undefined) return;
      // What has failed since was not meant: nobody has seen it.
      const meant: DeadLetterSelection =
        select.by === 'filter' ? { by: 'filter', filter: asOf(select.filter, Date.now() - openedAt_ms) } : select;
      if (!(await discard(meant, reason.trim()))) return;
      onClose();
      onDone?.();
    }),
  );
  const taken = counted.taken;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !isBusy && onClose()}
      title={taken === 1 ? 'Discard this dead letter?' : 'Discard dead letters?'}
      width="max-w-md"
      footer={
        <>
          <Button disabled={isBusy} onClick={onClose}>
            Cancel
          </Button>
          <Button look="danger" busy={isBusy} disabled={taken === 0} blocked={blocked} onClick={() => void submit()}>
            {taken === undefined ? 'Discard them' : `Discard ${plural(taken, 'dead letter')}`}
          </Button>
        </>
      }
    >
      <form onSubmit={submit} className="space-y-3">
        <SelectionCount counted={counted} deed="discarded" />
        <p>
          What is discarded is not given to its subscriber any more. <strong>This cannot be undone.</strong> The letters
          stay readable until their retention ends.
        </p>
        <Field label="Reason" error={formState.errors.reason?.message} help="Kept with each letter, with your name.">
          {(props) => (
            <TextInput
              {...props}
              {...register('reason')}
              dir="auto"
              maxLength={500}
              autoFocus
              placeholder="sent by hand"
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
