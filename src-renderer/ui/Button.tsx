import type { ComponentProps, ReactNode } from 'react';
import { cx } from './classes.ts';
import { heldBack } from './held-back.ts';
import { Tip } from './Tip.tsx';

const LOOKS = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover',
  plain: 'border border-line bg-raised text-text hover:bg-hover hover:border-line-strong',
  ghost: 'text-muted hover:bg-hover hover:text-text',
  danger: 'bg-bad-fill text-white hover:brightness-110',
} as const;

export interface ButtonProps extends ComponentProps<'button'> {
  look?: keyof typeof LOOKS;
  size?: 'small' | 'normal';
  icon?: ReactNode;
  /** Shows that it works and cannot be pressed again meanwhile. */
  busy?: boolean;
  /** Why it cannot be pressed now: shown as a tip. It still takes the focus. */
  blocked?: string | undefined;
}

export function Button({
  look = 'plain',
  size = 'normal',
  icon,
  busy,
  blocked,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  const button = (
    <button
      type="button"
      {...rest}
      {...(blocked === undefined ? {} : heldBack(blocked))}
      disabled={blocked === undefined && (disabled || busy)}
      aria-busy={busy || undefined}
      className={cx(
        'inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors',
        'disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50',
        size === 'small' ? 'h-7 px-2 text-xs' : 'h-8 px-3 text-[13px]',
        LOOKS[look],
        className,
      )}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  );
  return blocked === undefined ? button : <Tip text={blocked}>{button}</Tip>;
}

export interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  /** What it does: shown as a tip and told to screen readers. */
  label: string;
  /** Keys that do the same, such as `Ctrl K`. */
  keys?: string;
  icon: ReactNode;
  pressed?: boolean;
  /** Why it cannot be pressed now: the tip says it after what it does. */
  blocked?: string | undefined;
}

export function IconButton({ label, keys, icon, pressed, blocked, className, ...rest }: IconButtonProps) {
  return (
    <Tip text={blocked === undefined ? label : `${label}: ${blocked}`} keys={blocked === undefined ? keys : undefined}>
      <button
        type="button"
        aria-label={label}
        aria-pressed={pressed}
        {...rest}
        {...(blocked === undefined ? {} : heldBack(blocked))}
        className={cx(
          'inline-flex size-7 shrink-0 items-center justify-center rounded-md text-muted transition-colors',
          'hover:bg-hover hover:text-text disabled:cursor-not-allowed disabled:opacity-40 aria-disabled:cursor-not-allowed aria-disabled:opacity-40 aria-pressed:bg-accent-soft aria-pressed:text-accent-text',
          className,
        )}
      >
        {icon}
      </button>
    </Tip>
  );
}

export function Spinner({ className }: { className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={cx(
        'inline-block size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent',
        className,
      )}
    />
  );
}
