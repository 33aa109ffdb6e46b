/** What would make Archon faster or safer, with evidence; done by Archon where that is safe. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Lightbulb } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import type { OpsRecommendation } from '../../../../src-contract/index.ts';
import { api, client } from '../../../rpc/client.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Switch } from '../../../ui/fields.tsx';
import { number, plural } from '../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { DoDialog } from '../actions/components/DoDialog.tsx';
import { useBlocked } from '../views/use-blocked.ts';
import { useLive } from '../views/use-live.ts';
import { RecommendationCard } from './components/RecommendationCard.tsx';
import { useDismissal } from './hooks/use-dismissal.ts';
import { sortRecommendations } from './model/recommendation-words.ts';

const route = getRouteApi('/ops-agent/recommendations');
const EVERY_MS = 60_000;

export function RecommendationsView() {
  const { dismissed: showsDismissed = false } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(api.opsActions.recommendations.queryOptions(useLive(EVERY_MS)));
  const dismissal = useDismissal();
  const [applying, setApplying] = useState<OpsRecommendation>();
  const blocked = useBlocked();
  const { data } = query;
  if (data === undefined) {
    return query.isPending ? (
      <SkeletonRows rows={8} />
    ) : (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  const { open, applied, dismissed } = sortRecommendations(data.items);
  const cards = (items: readonly OpsRecommendation[]) =>
    items.map((item) => (
      <RecommendationCard
        key={item.id}
        recommendation={item}
        dismissal={dismissal}
        blocked={blocked}
        onApply={() => setApplying(item)}
      />
    ));
  return (
    <>
      <header className="flex min-h-11 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-line border-b px-3 py-1.5">
        <h2 className="font-semibold text-[13px]">{plural(open.length, 'recommendation')}</h2>
        <p className="flex-1 text-muted text-xs">
          {data.looked_at === null ? (
            'Archon has not looked for any yet.'
          ) : (
            <>
              Looked for <Ago time={data.looked_at} />. One that does not hold any more is gone a day later.
            </>
          )}
        </p>
        <DismissedSwitch
          count={dismissed.length}
          isOn={showsDismissed}
          onChange={(isOn) => void navigate({ search: isOn ? { dismissed: true } : {}, replace: true })}
        />
      </header>
      <div
        role="region"
        aria-label="Recommendations"
        tabIndex={0}
        className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-3 focus-visible:-outline-offset-2"
      >
        {query.error && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
        {open.length === 0 && (
          <EmptyState icon={<Lightbulb />} title="Nothing to recommend">
            {data.looked_at === null
              ? 'The ops agent looks at the database, the workers and the queues from time to time; what it finds appears here.'
              : 'As far as Archon can see, nothing would make it faster or safer now.'}
          </EmptyState>
        )}
        {cards(open)}
        {applied.length > 0 && <Part title="Applied">{cards(applied)}</Part>}
        {showsDismissed && (
          <Part title="Dismissed">
            {dismissed.length === 0 ? <p className="text-muted">None was dismissed.</p> : cards(dismissed)}
          </Part>
        )}
      </div>
      {applying && applying.apply !== null && (
        <DoDialog
          title={`Apply: ${visibleText(applying.title)}`}
          what={applying.apply}
          action="Apply it"
          start={() => client.opsActions.apply({ recommendation: applying.id })}
          onClose={() => setApplying(undefined)}
        />
      )}
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="space-y-3">
      <h2 className="font-semibold text-muted text-xs">{title}</h2>
      {children}
    </section>
  );
}

interface DismissedSwitchProps {
  count: number;
  isOn: boolean;
  onChange(isOn: boolean): void;
}

function DismissedSwitch({ count, isOn, onChange }: DismissedSwitchProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-2 text-xs">
      <Switch label="Show dismissed" labelledBy={id} checked={isOn} onChange={onChange} />
      <span id={id} className="text-muted">
        Show dismissed ({number(count)})
      </span>
    </div>
  );
}
