/** Every replay with who asked for it and what came of it. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import { useState } from 'react';
import type { LoggedReplay } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import { Segmented } from '../../../../ui/Tabs.tsx';
import { Outcome } from './ReplayOutcome.tsx';

const PAGE = 100;
const EVERY_MS = 3000;
type Which = 'all' | LoggedReplay['outcome']['state'];

export interface ReplayLogDialogProps {
  /** Only those of this replay of many. */
  run_id?: string | undefined;
  nameOf(subscriber: string): string;
  onOpen(letter_id: string): void;
  onClose(): void;
}

export function ReplayLogDialog({ run_id, nameOf, onOpen, onClose }: ReplayLogDialogProps) {
  const [which, setWhich] = useState<Which>('all');
  const query = useInfiniteQuery(
    api.deadLetters.replays.infiniteOptions({
      input: (cursor: string | undefined) => ({
        limit: PAGE,
        ...(run_id === undefined ? {} : { run_id }),
        ...(which === 'all' ? {} : { outcomes: [which] }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      staleTime: 0,
      // What waits comes to its end; a log that is read further down is left in peace.
      refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? EVERY_MS : false),
    }),
  );
  const replays = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={run_id === undefined ? 'Log of replays' : 'Log of this replay'}
      description="Who asked for each, when, and what came of it; newest first."
      width="max-w-3xl"
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className="min-h-56 space-y-3">
        <Segmented<Which>
          label="Outcome"
          value={which}
          onChange={setWhich}
          options={[
            { value: 'all', label: 'All' },
            { value: 'waiting', label: 'Waiting' },
            { value: 'resolved', label: 'Resolved' },
            { value: 'failed', label: 'Failed' },
            { value: 'cancelled', label: 'Cancelled' },
          ]}
        />
        {query.isPending ? (
          <SkeletonRows rows={5} />
        ) : query.isError && replays.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : replays.length === 0 ? (
          <EmptyState icon={<History />} title="No such replays" />
        ) : (
          <ul aria-label="Replays" className="divide-y divide-line rounded-lg border border-line">
            {replays.map((replay) => (
              <li key={replay.id} className="flex items-start gap-3 px-3 py-2">
                <div className="min-w-0 flex-1">
                  <button
                    type="button"
                    onClick={() => onOpen(replay.dead_letter_id)}
                    className="one-line block max-w-full text-left font-mono text-accent-text text-xs underline-offset-2 hover:underline"
                  >
                    {excerpt(replay.event_type, 100)} {replay.event_id}
                  </button>
                  <p className="one-line text-muted text-xs" dir="auto">
                    to {nameOf(replay.subscriber)}, asked for by {excerpt(replay.actor, 60)}
                    {replay.edited && (
                      <>
                        {' '}
                        <Badge tone="accent">edited</Badge>
                      </>
                    )}
                  </p>
                </div>
                <Outcome replay={replay} />
              </li>
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <Button size="small" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Load more
          </Button>
        )}
      </div>
    </Dialog>
  );
}
