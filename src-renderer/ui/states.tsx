/** What a place shows while it has nothing to show. */
import { CircleAlert, CloudOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { errorDetails, problemOf } from '../rpc/errors.ts';
import { Button } from './Button.tsx';
import { CopyButton } from './CopyButton.tsx';
import { cx } from './classes.ts';

export function Skeleton({ className }: { className?: string }) {
  return <div className={cx('animate-[skeleton_1.6s_ease-in-out_infinite] rounded bg-hover', className)} />;
}

/** Rows of a list that is being read. */
export function SkeletonRows({ rows = 8, className }: { rows?: number; className?: string }) {
  return (
    <div role="status" aria-label="Loading" className={cx('space-y-2 p-3', className)}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never change.
        <Skeleton key={row} className={row % 3 === 2 ? 'h-9 w-4/5' : 'h-9'} />
      ))}
    </div>
  );
}

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  className?: string;
}

export function EmptyState({ icon, title, children, actions, className }: EmptyStateProps) {
  return (
    <div className={cx('flex flex-1 flex-col items-center justify-center gap-2 px-6 py-10 text-center', className)}>
      {icon && <div className="text-faint [&_svg]:size-7">{icon}</div>}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-md text-muted">{children}</div>}
      {actions && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

/** Why something cannot be shown, with a way to try again and the details to copy. */
export function ErrorState({
  error,
  onRetry,
  className,
}: {
  error: unknown;
  onRetry?: () => void;
  className?: string;
}) {
  const { message, code } = problemOf(error);
  return (
    <div
      role="alert"
      className={cx('flex flex-1 flex-col items-center justify-center gap-3 px-6 py-8 text-center', className)}
    >
      <div className="text-bad [&_svg]:size-6">{code === undefined ? <CloudOff /> : <CircleAlert />}</div>
      <p className="content-text max-w-md text-muted">{message}</p>
      <div className="flex gap-2">
        {onRetry && (
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        )}
        <CopyButton text={() => errorDetails(error)} label="Copy details" />
      </div>
    </div>
  );
}

/** Above what is shown still: it could not be read again, and why. */
export function StaleNotice({ error, onRetry }: { error: unknown; onRetry(): void }) {
  return (
    <div role="alert" className="flex items-center gap-2 rounded-md border border-warn/40 bg-warn/15 px-3 py-1.5">
      <p className="content-text min-w-0 flex-1 text-xs">
        <span className="text-warn">Not up to date.</span> {problemOf(error).message}
      </p>
      <Button size="small" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
