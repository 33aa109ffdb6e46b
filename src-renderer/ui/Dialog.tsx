import { X } from 'lucide-react';
import { AlertDialog, Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { Button } from './Button.tsx';
import { cx } from './classes.ts';
import { useReturnFocus } from './return-focus.ts';

const OVERLAY = 'fixed inset-0 z-50 bg-black/55';
const PANEL =
  'fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100vh-48px)] w-[calc(100vw-48px)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-xl border border-line-strong bg-surface shadow-float outline-none';

export interface DialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  description?: ReactNode;
  footer?: ReactNode;
  /** Tailwind class of the greatest width. */
  width?: string;
  children: ReactNode;
}

export function Dialog({ open, onOpenChange, title, description, footer, width = 'max-w-xl', children }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={OVERLAY} />
        <Radix.Content
          className={cx(PANEL, width)}
          {...useReturnFocus()}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <header
            className={cx('flex gap-3 border-line border-b px-5 py-3', description ? 'items-start' : 'items-center')}
          >
            <div className="min-w-0 flex-1">
              <Radix.Title className="one-line font-semibold text-[15px]">{title}</Radix.Title>
              {description && (
                <Radix.Description className="text-muted [overflow-wrap:anywhere]">{description}</Radix.Description>
              )}
            </div>
            {/* Without a tip: it is focused first, and the tip that shows would take the first Esc for itself. */}
            <Radix.Close
              aria-label="Close"
              className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
            >
              <X aria-hidden="true" className="size-4" />
            </Radix.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
          {footer && (
            <footer className="flex items-center justify-end gap-2 border-line border-t px-5 py-3">{footer}</footer>
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export interface ConfirmProps {
  open: boolean;
  onOpenChange(open: boolean): void;
  title: string;
  children: ReactNode;
  /** What the button says: the thing that will happen, such as "Delete 3 memories". */
  action: string;
  /** What the other button says. */
  cancel?: string;
  busy?: boolean;
  onConfirm(): void;
}

/** Asks before something that cannot simply be undone. */
export function Confirm({
  open,
  onOpenChange,
  title,
  children,
  action,
  cancel = 'Cancel',
  busy,
  onConfirm,
}: ConfirmProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={OVERLAY} />
        <AlertDialog.Content {...useReturnFocus()} className={cx(PANEL, 'max-w-md')}>
          <div className="space-y-2 px-5 py-4">
            <AlertDialog.Title className="font-semibold text-[15px] [overflow-wrap:anywhere]">
              {title}
            </AlertDialog.Title>
            <AlertDialog.Description asChild>
              <div className="text-muted [overflow-wrap:anywhere]">{children}</div>
            </AlertDialog.Description>
          </div>
          <footer className="flex justify-end gap-2 border-line border-t px-5 py-3">
            <AlertDialog.Cancel asChild>
              <Button>{cancel}</Button>
            </AlertDialog.Cancel>
            <Button look="danger" busy={busy ?? false} onClick={onConfirm}>
              {action}
            </Button>
          </footer>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
