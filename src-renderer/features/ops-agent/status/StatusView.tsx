/** How the ops agent is, what it sees, what waits for a person, and what a person can do. */
import { getRouteApi } from '@tanstack/react-router';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { AgentPanel } from './components/AgentPanel.tsx';
import { ApprovalsCard } from './components/ApprovalsCard.tsx';
import { FiringCard } from './components/FiringCard.tsx';
import { Interventions } from './components/Interventions.tsx';
import { MonitorsTable } from './components/MonitorsTable.tsx';
import { NodesCard } from './components/NodesCard.tsx';
import { PauseNotice } from './components/PauseNotice.tsx';
import { SignalsCard } from './components/SignalsCard.tsx';
import { useEachLook, useOpsStatus } from './hooks/use-ops-status.ts';

const route = getRouteApi('/ops-agent/');

export function StatusView() {
  const { find } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useOpsStatus();
  const status = query.data;
  useEachLook(status?.last_round?.at);
  if (status === undefined) {
    return query.isPending ? (
      <SkeletonRows rows={12} />
    ) : (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  return (
    <div className="relative min-h-0 flex-1 space-y-3 overflow-y-auto p-3">
      <h2 className="sr-only">Status</h2>
      {query.error && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
      <AgentPanel status={status} />
      {status.paused !== null && <PauseNotice paused={status.paused} />}
      <ApprovalsCard />
      <FiringCard />
      <div className="grid grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)] gap-3 max-lg:grid-cols-1">
        <MonitorsTable monitors={status.monitors} />
        <NodesCard status={status} />
      </div>
      <Interventions />
      <SignalsCard
        find={find}
        onFind={(next) => void navigate({ search: next === undefined ? {} : { find: next }, replace: true })}
        titleOf={(monitor) => status.monitors.find((each) => each.monitor === monitor)?.title ?? monitor}
      />
    </div>
  );
}
