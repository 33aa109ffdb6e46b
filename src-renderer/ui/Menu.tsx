import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './classes.ts';

const CONTENT =
  'z-50 max-h-[60vh] min-w-44 overflow-y-auto rounded-lg border border-line-strong bg-raised p-1 shadow-float outline-none';
const ITEM =
  'flex items-center gap-2 rounded px-2 py-1.5 text-[13px] outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50 [&_svg]:size-3.5';

export function Menu({
  trigger,
  children,
  align = 'end',
}: {
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'end';
}) {
  return (
    // Not modal: what is beside an open menu stays there for screen readers.
    <DropdownMenu.Root modal={false}>
      {/* Radix leaves it without the focus when it is pressed; what an entry opens gives the focus back to it. */}
      <DropdownMenu.Trigger asChild onPointerDown={({ currentTarget }) => currentTarget.focus({ preventScroll: true })}>
        {trigger}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={CONTENT}
          onCloseAutoFocus={leaveTaken}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** What an entry has opened keeps the focus that it took, rather than the button of the menu getting it back. */
function leaveTaken(event: Event): void {
  const { activeElement } = document;
  if (activeElement === null || activeElement === document.body) return;
  if (activeElement.closest('[role="menu"]') === null) event.preventDefault();
}

export interface MenuItemProps {
  icon?: ReactNode;
  danger?: boolean;
  disabled?: boolean;
  /** Why it cannot be chosen now: said under what it does. */
  blocked?: string | undefined;
  onSelect(): void;
  children: ReactNode;
}

export function MenuItem({ icon, danger, disabled, blocked, onSelect, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      disabled={disabled === true || blocked !== undefined}
      onSelect={onSelect}
      className={cx(ITEM, danger && 'text-bad')}
    >
      {icon}
      {blocked === undefined ? (
        children
      ) : (
        <span className="min-w-0">
          {children}
          <span className="block max-w-56 text-[11px] text-text">{blocked}</span>
        </span>
      )}
    </DropdownMenu.Item>
  );
}

/** One of several that can be on at the same time; the menu stays open. */
export function MenuCheck({
  checked,
  onChange,
  children,
}: {
  checked: boolean;
  onChange(checked: boolean): void;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.CheckboxItem
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
      className={ITEM}
    >
      <span className="flex size-3.5 items-center justify-center">
        <DropdownMenu.ItemIndicator>
          <Check className="text-accent-text" />
        </DropdownMenu.ItemIndicator>
      </span>
      {children}
    </DropdownMenu.CheckboxItem>
  );
}

/** One of several of which exactly one is on. */
export function MenuRadio<T extends string>({
  value,
  options,
  onChange,
}: {
  value: T;
  options: readonly { value: T; label: string }[];
  onChange(value: T): void;
}) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
      {options.map((option) => (
        <DropdownMenu.RadioItem key={option.value} value={option.value} className={ITEM}>
          <span className="flex size-3.5 items-center justify-center">
            <DropdownMenu.ItemIndicator>
              <Check className="text-accent-text" />
            </DropdownMenu.ItemIndicator>
          </span>
          {option.label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export function MenuHeading({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 pt-1.5 pb-0.5 text-[11px] text-faint">{children}</DropdownMenu.Label>;
}

export function MenuLine() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}
