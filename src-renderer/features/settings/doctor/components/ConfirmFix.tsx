import { Confirm } from '../../../../ui/Dialog.tsx';
import type { DoctorState } from '../use-doctor.ts';

/** Asks before a fix that cannot be taken back. */
export function ConfirmFix({ doctor: { asked, answer } }: { doctor: DoctorState }) {
  return (
    <Confirm
      open={asked !== undefined}
      onOpenChange={(open) => !open && answer(false)}
      title={`${asked?.label ?? ''}?`}
      action={asked?.label ?? ''}
      onConfirm={() => answer(true)}
    >
      <p>{asked?.confirm}</p>
    </Confirm>
  );
}
