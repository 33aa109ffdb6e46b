/** How everything is, at a glance; each part leads to what explains it. */
import { useNavigate } from '@tanstack/react-router';
import { ErrorState, Skeleton, StaleNotice } from '../../../../ui/states.tsx';
import { WorkerHealthPanel } from '../../../workers/components/WorkerHealthPanel.tsx';
import type { HealthSearch } from '../health-search.ts';
import { type KnownHealth, useReadHealthNow } from '../hooks/use-health-facts.ts';
import { useQueues } from '../hooks/use-queues.ts';
import type { Freshness } from '../model/freshness.ts';
import { breakerOf, componentTitle } from '../model/service-words.ts';
import { CircuitBreakerStatus } from './CircuitBreakerStatus.tsx';
import { ComponentHealthCard } from './ComponentHealthCard.tsx';
import { EventQueueMonitor } from './EventQueueMonitor.tsx';
import { RefreshBar } from './RefreshBar.tsx';
import { StatusSentence } from './StatusSentence.tsx';
import { SystemAlerts } from './SystemAlerts.tsx';

export interface HealthDashboardProps {
  known: KnownHealth;
  freshness: Freshness | undefined;
  search: HealthSearch;
  go(search: HealthSearch): void;
}

export function HealthDashboard({ known, freshness, search, go }: HealthDashboardProps) {
  const { facts, alerts, error } = known;
  const queues = useQueues();
  const readNow = useReadHealthNow();
  const navigate = useNavigate();
  const isOnline = freshness?.kind !== 'offline';
  const isCurrent = freshness?.kind === 'current';
  const breakers = facts?.breakers;
  const retry = () => void readNow();
  return (
    <section
      aria-label="Health"
      tabIndex={0}
      className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3 focus-visible:-outline-offset-2"
    >
      <h2 className="sr-only">Health of Archon</h2>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="min-w-[min(420px,100%)] flex-1">
          {freshness ? (
            <StatusSentence health={facts?.health} alerts={alerts} freshness={freshness} />
          ) : (
            !error && <Skeleton className="h-10" />
          )}
        </div>
        <RefreshBar isOnline={isOnline} readQueues={queues.readNow} />
      </div>
      {facts === undefined && error !== null && <ErrorState error={error} onRetry={retry} />}
      {facts !== undefined && error !== null && isOnline && <StaleNotice error={error} onRetry={retry} />}
      {facts === undefined && error === null && isOnline && <LoadingCards />}
      {facts && (
        <>
          <SystemAlerts alerts={alerts} isCurrent={isCurrent} />
          <div className="grid grid-cols-[repeat(auto-fill,minmax(min(250px,100%),1fr))] gap-3">
            {facts.health.components.map((health) => (
              <ComponentHealthCard
                key={health.component}
                health={health}
                title={componentTitle(health.component, breakers)}
                breaker={breakerOf(health.component, breakers)}
                isCurrent={isCurrent}
                isOpen={search.component === health.component}
                onOpen={() => go({ component: health.component })}
              />
            ))}
          </div>
          <div className="grid items-start gap-3 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
            <CircuitBreakerStatus
              breakers={breakers}
              isCurrent={isCurrent}
              openName={search.breaker}
              onOpen={(breaker) => go({ breaker })}
            />
            <EventQueueMonitor queues={queues} journal={facts.journal} isCurrent={isCurrent} />
          </div>
          <WorkerHealthPanel isCompact onOpen={(worker) => void navigate({ to: '/workers', search: { worker } })} />
        </>
      )}
    </section>
  );
}

const PLACES = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'] as const;

function LoadingCards() {
  return (
    <div
      role="status"
      aria-label="Loading"
      className="grid grid-cols-[repeat(auto-fill,minmax(min(250px,100%),1fr))] gap-3"
    >
      {PLACES.map((place) => (
        <Skeleton key={place} className="h-40" />
      ))}
    </div>
  );
}
