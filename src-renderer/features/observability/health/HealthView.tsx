/** How Archon is now, and what can be done about it. What is open beside it stands in the URL. */
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import { BreakerDrawer } from './components/BreakerDrawer.tsx';
import { ComponentDrawer } from './components/ComponentDrawer.tsx';
import { HealthDashboard } from './components/HealthDashboard.tsx';
import { HistoryDrawer } from './components/HistoryDrawer.tsx';
import { RefusedDrawer } from './components/RefusedDrawer.tsx';
import type { HealthSearch } from './health-search.ts';
import { useFreshness } from './hooks/use-freshness.ts';
import { useHealthFacts, useReadHealthNow } from './hooks/use-health-facts.ts';
import { useWatchPace } from './hooks/watch-pace.ts';

const route = getRouteApi('/observability/');

export function HealthView() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: HealthSearch, replace = false) => void navigate({ search: next, replace });
  const close = () => go({});
  useFastWatch();
  const known = useHealthFacts();
  const freshness = useFreshness(known);
  const isCurrent = freshness?.kind === 'current';
  const { facts } = known;
  const { component, breaker, view, history, refused, write } = search;
  return (
    <>
      <HealthDashboard known={known} freshness={freshness} search={search} go={go} />
      {component !== undefined ? (
        <ComponentDrawer key={component} component={component} known={known} isCurrent={isCurrent} onClose={close} />
      ) : breaker !== undefined ? (
        <BreakerDrawer
          key={breaker}
          name={breaker}
          breakers={facts?.breakers}
          isCurrent={isCurrent}
          view={view ?? 'state'}
          onView={(next) => go({ breaker, view: next }, true)}
          onClose={close}
        />
      ) : history ? (
        <HistoryDrawer breakers={facts?.breakers} onClose={close} />
      ) : (
        refused && (
          <RefusedDrawer
            count={facts?.journal?.refused}
            openId={write}
            onOpen={(next) => go({ refused, ...(next === undefined ? {} : { write: next }) }, true)}
            onClose={close}
          />
        )
      )}
    </>
  );
}

/** While the page is open, the watch of the app asks as often as was chosen here, and at once. */
function useFastWatch(): void {
  const setPageOpen = useWatchPace((pace) => pace.setPageOpen);
  const readNow = useReadHealthNow();
  useEffect(() => {
    setPageOpen(true);
    void readNow();
    return () => setPageOpen(false);
  }, [setPageOpen, readNow]);
}
