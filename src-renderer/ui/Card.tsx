import type { ComponentProps, ReactNode } from 'react';
import { cx } from './classes.ts';

export interface CardProps extends Omit<ComponentProps<'section'>, 'title'> {
  title?: ReactNode;
  actions?: ReactNode;
}

export function Card({ title, actions, className, children, ...rest }: CardProps) {
  return (
    <section {...rest} className={cx('rounded-lg border border-line bg-surface', className)}>
      {(title || actions) && (
        <header className="flex min-h-10 items-center gap-2 border-line border-b px-3">
          {title && <h2 className="one-line flex-1 font-semibold text-[13px]">{title}</h2>}
          {actions}
        </header>
      )}
      {children}
    </section>
  );
}
