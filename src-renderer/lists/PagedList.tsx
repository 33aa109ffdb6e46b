import type { ReactNode } from 'react';
import { ErrorState, SkeletonRows, StaleNotice } from '../ui/states.tsx';

interface PagedListProps {
  query: {
    isPending: boolean;
    data: unknown;
    error: unknown;
    isFetchNextPageError: boolean;
    refetch(): Promise<unknown>;
  };
  /** Above the rows, also when there are none. */
  head?: ReactNode;
  children: ReactNode;
}

/** What stands around the rows of a query of pages: that they are read, cannot be read, or are as they were. */
export function PagedList({ query, head, children }: PagedListProps) {
  const { isPending, data, error, isFetchNextPageError } = query;
  const retry = () => void query.refetch();
  if (isPending) return <SkeletonRows rows={10} />;
  if (data === undefined) return <ErrorState error={error} onRetry={retry} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {head}
      {error !== null && !isFetchNextPageError && (
        <div className="p-2">
          <StaleNotice error={error} onRetry={retry} />
        </div>
      )}
      {children}
    </div>
  );
}
