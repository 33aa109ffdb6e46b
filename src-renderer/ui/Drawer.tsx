import { X } from 'lucide-react';
import { type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { cx } from './classes.ts';
import { currentFocus, returnFocus } from './return-focus.ts';
import { useEscape } from './use-escape.ts';

export interface DrawerProps {
  /** What it is called for screen readers, such as "Event details". */
  label: string;
  /** Beside the button that closes it. */
  heading?: ReactNode;
  /** For what needs the room, such as a table. */
  isWide?: boolean;
  onClose(): void;
  /** The button that closes it, for who has to give the focus back to it. */
  closeRef?: RefObject<HTMLButtonElement | null>;
  children: ReactNode;
}

/** Details over the right side of a list. Opened, it takes the focus; closed, the list gets it back. */
export function Drawer({ label, heading, isWide, onClose, closeRef: given, children }: DrawerProps) {
  const own = useRef<HTMLButtonElement>(null);
  const closeRef = given ?? own;
  useEffect(() => {
    const before = currentFocus();
    closeRef.current?.focus({ preventScroll: true });
    return () => returnFocus(before);
  }, [closeRef]);
  return (
    <aside
      aria-label={label}
      onKeyDown={useEscape(onClose)}
      className={cx(
        'absolute inset-y-0 right-0 z-30 flex flex-col border-line-strong border-l bg-surface shadow-float',
        isWide ? 'w-[min(880px,calc(100%-40px))]' : 'w-[min(560px,calc(100%-40px))]',
      )}
    >
      <header className="flex min-h-12 items-center gap-1.5 border-line border-b py-2 pr-2 pl-4">
        <div className="flex min-w-0 flex-1 items-center gap-1.5">{heading}</div>
        <button
          type="button"
          ref={closeRef}
          aria-label="Close"
          onClick={onClose}
          className="inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted hover:bg-hover hover:text-text"
        >
          <X aria-hidden="true" className="size-4" />
        </button>
      </header>
      <div className="flex min-h-0 flex-1 flex-col">{children}</div>
    </aside>
  );
}
