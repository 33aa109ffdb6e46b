import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';
import { Button } from '../Button.tsx';

export interface FilterPopoverProps {
  /** What the button says, such as "Time · 1". */
  name: string;
  /** What the button is called where that is not enough. */
  buttonLabel?: string;
  label: string;
  icon: ReactNode;
  /** Without these it keeps to itself whether it is open. */
  open?: boolean;
  onOpenChange?(open: boolean): void;
  children: ReactNode;
}

/** A button of a bar of filters, and what opens under it. */
export function FilterPopover({ name, buttonLabel, label, icon, open, onOpenChange, children }: FilterPopoverProps) {
  return (
    <Popover.Root {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <Popover.Trigger asChild>
        <Button size="small" className="h-8" icon={icon} {...(buttonLabel ? { 'aria-label': buttonLabel } : {})}>
          {name}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          aria-label={label}
          className="z-50 w-72 space-y-3 rounded-lg border border-line-strong bg-raised p-3 shadow-float outline-none"
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
