import type { ComponentProps } from 'react';
import { cx } from '../../../ui/classes.ts';

export interface SelectProps<T extends string> extends Omit<ComponentProps<'select'>, 'value' | 'onChange'> {
  value: T;
  onChange(value: T): void;
}

/** One of several, in the list that the system draws. */
export function Select<T extends string>({ value, onChange, className, ...rest }: SelectProps<T>) {
  return (
    <select
      {...rest}
      value={value}
      // Only what stands in it can be chosen.
      onChange={({ target }) => onChange(target.value as T)}
      className={cx(
        'h-8 w-full min-w-0 rounded-md border border-line bg-bg px-2 text-[13px] text-text hover:border-line-strong disabled:cursor-not-allowed disabled:opacity-60 aria-[invalid=true]:border-bad',
        className,
      )}
    />
  );
}
