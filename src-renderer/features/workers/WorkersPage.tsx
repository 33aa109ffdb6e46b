/** What Archon does by itself: how it goes, and the processes that do it. */
import { getRouteApi } from '@tanstack/react-router';
import { NodesTable } from './components/NodesTable.tsx';
import { WorkerDrawer } from './components/WorkerDrawer.tsx';
import { WorkerHealthPanel } from './components/WorkerHealthPanel.tsx';
import type { WorkersSearch } from './workers-search.ts';

const route = getRouteApi('/workers');

export function WorkersPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: WorkersSearch, replace = false) => void navigate({ search: next, replace });
  return (
    <div className="relative flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center border-line border-b px-3">
        <h1 className="font-semibold text-[15px]">Workers</h1>
      </header>
      <div className="min-h-0 flex-1 space-y-4 overflow-y-auto p-3">
        <h2 className="sr-only">Health and workers</h2>
        <WorkerHealthPanel openName={search.worker} onOpen={(worker) => go({ worker })} />
        <NodesTable />
      </div>
      {search.worker !== undefined && (
        <WorkerDrawer
          name={search.worker}
          view={search.view ?? 'state'}
          isFailedOnly={search.failed ?? false}
          onView={(view) => go({ worker: search.worker, view }, true)}
          onFailedOnly={(isFailed) =>
            go({ worker: search.worker, view: 'runs', ...(isFailed ? { failed: true } : {}) }, true)
          }
          onClose={() => go({})}
        />
      )}
    </div>
  );
}
