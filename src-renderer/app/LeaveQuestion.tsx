import type { ReactNode } from 'react';
import { Confirm } from '../ui/Dialog.tsx';
import type { LeaveGuard } from './use-leave-guard.ts';

export interface LeaveQuestionProps {
  guard: LeaveGuard;
  title?: string;
  action?: string;
  cancel?: string;
  /** What would be lost. */
  children: ReactNode;
}

/** What a {@link LeaveGuard} asks. It stands beside its form: keys in the dialog are not for the form. */
export function LeaveQuestion({
  guard,
  title = 'Leave without saving?',
  action = 'Discard changes',
  cancel = 'Keep editing',
  children,
}: LeaveQuestionProps) {
  return (
    <Confirm
      open={guard.asking}
      onOpenChange={(open) => !open && guard.stay()}
      title={title}
      action={action}
      cancel={cancel}
      onConfirm={guard.goOn}
    >
      {children}
    </Confirm>
  );
}
