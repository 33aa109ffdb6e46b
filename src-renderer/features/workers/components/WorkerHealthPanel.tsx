/**
 * The workers with their health, at a glance and to be steered. It reads what it shows itself and knows no page, so that
 * it can stand on any.
 */
import { Cog } from 'lucide-react';
import { EmptyState, ErrorState, Skeleton, StaleNotice } from '../../../ui/states.tsx';
import { healthWords } from '../health-words.ts';
import { useWorkers } from '../hooks/use-workers.ts';
import { HealthSentence } from './HealthSentence.tsx';
import { WorkerCard } from './WorkerCard.tsx';
import { WorkerLines } from './WorkerLines.tsx';

export interface WorkerHealthPanelProps {
  /** The worker whose details are shown beside it. */
  openName?: string | undefined;
  /** Only how they are, a line for each: for a page that is about more than them. */
  isCompact?: boolean;
  onOpen(worker: string): void;
}

const GRID = 'grid grid-cols-[repeat(auto-fill,minmax(min(300px,100%),1fr))] gap-3';

export function WorkerHealthPanel({ openName, isCompact = false, onOpen }: WorkerHealthPanelProps) {
  const { list, health, nodes } = useWorkers();
  if (list.isPending) return isCompact ? <Skeleton className="h-9" /> : <LoadingCards />;
  if (list.data === undefined) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  const workers = list.data.items;
  const failed = list.error ?? health.error;
  return (
    <div className="space-y-3">
      {failed && <StaleNotice error={failed} onRetry={() => void Promise.all([list.refetch(), health.refetch()])} />}
      {health.data ? (
        <HealthSentence health={healthWords(health.data, workers, nodes.data?.items)} onOpen={onOpen} />
      ) : (
        health.isPending && <Skeleton className="h-9" />
      )}
      {workers.length === 0 ? (
        <EmptyState icon={<Cog />} title="There are no workers here">
          Archon runs none in this process. Set workers.enabled to true (ARCHON_WORKERS_ENABLED=true) and start it
          again.
        </EmptyState>
      ) : isCompact ? (
        <WorkerLines workers={workers} onOpen={onOpen} />
      ) : (
        <div className={GRID}>
          {workers.map((worker) => (
            <WorkerCard
              key={worker.name}
              worker={worker}
              isOpen={worker.name === openName}
              onOpen={() => onOpen(worker.name)}
            />
          ))}
        </div>
      )}
    </div>
  );
}

function LoadingCards() {
  return (
    <div role="status" aria-label="Loading" className="space-y-3">
      <Skeleton className="h-9" />
      <div className={GRID}>
        {['one', 'two', 'three', 'four', 'five'].map((key) => (
          <Skeleton key={key} className="h-72" />
        ))}
      </div>
    </div>
  );
}
