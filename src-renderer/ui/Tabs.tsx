import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './classes.ts';

export interface TabsProps<T extends string> {
  label: string;
  value: T;
  onChange(value: T): void;
  tabs: readonly { value: T; label: ReactNode; count?: number | undefined; dot?: string }[];
  /** At the end of the bar. */
  actions?: ReactNode;
  /** Only the panel of the chosen tab; it is given to the tab by its value. */
  children: ReactNode;
  className?: string;
}

/** Tabs with counts over the panel of the chosen one. */
export function Tabs<T extends string>({ label, value, onChange, tabs, actions, children, className }: TabsProps<T>) {
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => onChange(next as T)}
      className={cx('flex min-h-0 flex-col', className)}
    >
      <div className="flex items-center border-line border-b pr-2">
        <Radix.List aria-label={label} className="flex flex-1 gap-1 px-2">
          {tabs.map((tab) => (
            <Radix.Trigger
              key={tab.value}
              value={tab.value}
              className="-mb-px flex h-10 items-center gap-1.5 border-transparent border-b-2 px-2.5 font-medium text-muted hover:text-text focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-text"
            >
              {tab.dot && <span aria-hidden="true" className={cx('size-1.5 rounded-full', tab.dot)} />}
              {tab.label}
              {tab.count !== undefined && (
                <span className="rounded-full bg-hover px-1.5 text-[11px] text-muted tabular-nums">
                  {tab.count.toLocaleString('en')}
                </span>
              )}
            </Radix.Trigger>
          ))}
        </Radix.List>
        {actions}
      </div>
      <Radix.Content value={value} tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}

/** A choice of few, side by side. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: ReactNode }[];
  onChange(value: T): void;
}) {
  return (
    <div role="radiogroup" aria-label={label} className="inline-flex rounded-md border border-line bg-bg p-0.5">
      {options.map((option) => (
        <label
          key={option.value}
          // The hidden input stays inside its label: else it would make the page as long as what is scrolled.
          className="relative cursor-pointer rounded px-2 py-0.5 text-muted text-xs has-[:checked]:bg-accent-soft has-[:checked]:text-accent-text has-[:disabled]:cursor-not-allowed has-[:disabled]:opacity-60 has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent-text"
        >
          <input
            type="radio"
            name={label}
            className="sr-only"
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
