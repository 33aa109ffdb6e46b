import { useQuery } from '@tanstack/react-query';
import { MAX_LETTERS_PER_CALL } from '../../../../../src-contract/dead-letters.ts';
import type { DeadLetterSelection } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { number, plural } from '../../../../ui/format.ts';
import { Skeleton } from '../../../../ui/states.tsx';

export interface SelectionCountState {
  /** Those that match and are dead; undefined until they are counted. */
  matching: number | undefined;
  /** What one call takes of them. */
  taken: number | undefined;
  error: unknown;
}

/** How many letters a selection means. Those with ids were counted by whoever chose them. */
export function useSelectionCount(select: DeadLetterSelection): SelectionCountState {
  const query = useQuery(
    api.deadLetters.count.queryOptions({
      input: { ...(select.by === 'filter' ? select.filter : {}), states: ['dead'] },
      enabled: select.by === 'filter',
      staleTime: 0,
    }),
  );
  // A number of before is not shown: somebody would confirm it.
  const counted = query.isFetching ? undefined : query.data?.count;
  const matching = select.by === 'ids' ? select.ids.length : counted;
  return {
    matching,
    taken: matching === undefined ? undefined : Math.min(matching, MAX_LETTERS_PER_CALL),
    error: query.isFetching ? null : query.error,
  };
}

export function SelectionCount({
  counted: { matching, error },
  deed,
}: {
  counted: SelectionCountState;
  deed: 'replayed' | 'discarded';
}) {
  if (error !== null && matching === undefined) {
    return (
      <p role="alert" className="text-warn">
        They could not be counted: {problemOf(error).message}
      </p>
    );
  }
  if (matching === undefined) return <Skeleton className="h-5 w-56" />;
  if (matching === 0) return <p role="status">No letter that matches is dead: there is nothing to do.</p>;
  return (
    <div role="status" className="space-y-1">
      <p>
        <span className="font-semibold tabular-nums">{plural(matching, 'dead letter')}</span>{' '}
        {matching === 1 ? 'is' : 'are'} meant.
      </p>
      {matching > MAX_LETTERS_PER_CALL && (
        <p className="rounded-md bg-warn/15 px-3 py-1.5 text-warn">
          Only {number(MAX_LETTERS_PER_CALL)} are {deed} at a time
          {deed === 'replayed' && ', those first that failed first'}: do it again for the other{' '}
          {number(matching - MAX_LETTERS_PER_CALL)}.
        </p>
      )}
    </div>
  );
}
