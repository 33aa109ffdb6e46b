/** Who changed which setting, when and how, with the way back. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { History } from 'lucide-react';
import { useId } from 'react';
import { api } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/Button.tsx';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { Segmented } from '../../../ui/Tabs.tsx';
import { useSettingsNews } from '../form/hooks/use-settings.ts';
import { HistoryEntry } from './HistoryEntry.tsx';
import type { HistoryScope, SettingsHistorySearch } from './history-search.ts';

const PAGE = 50;
const route = getRouteApi('/settings/history');

export function SettingsHistoryView() {
  const { scope = 'device', key } = route.useSearch();
  const navigate = route.useNavigate();
  const go = (search: SettingsHistorySearch) => void navigate({ search, replace: true });
  useSettingsNews();
  const settings = useQuery(api.settings.list.queryOptions({ input: {} })).data?.items ?? [];
  const query = useInfiniteQuery(
    api.settings.history.infiniteOptions({
      input: (cursor: string | undefined) => ({
        scope,
        limit: PAGE,
        ...(key === undefined ? {} : { key }),
        ...(cursor === undefined ? {} : { cursor }),
      }),
      initialPageParam: undefined,
      getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      staleTime: 0,
    }),
  );
  const entries = query.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-3 border-line border-b p-3">
        <Segmented<HistoryScope>
          label="Whose changes"
          value={scope}
          options={[
            { value: 'device', label: 'This computer' },
            { value: 'org', label: 'Organisation and users' },
          ]}
          onChange={(next) => go({ scope: next, key })}
        />
        <SettingFilter settings={settings} value={key} onChange={(next) => go({ scope, key: next })} />
      </div>
      <div
        className="flex min-h-0 flex-1 flex-col gap-3 overflow-y-auto p-3"
        tabIndex={0}
        role="region"
        aria-label="History"
      >
        {query.isPending && <SkeletonRows rows={6} />}
        {query.isError && query.data === undefined && (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.isError && query.data !== undefined && (
          <StaleNotice error={query.error} onRetry={() => void query.refetch()} />
        )}
        {query.data && entries.length === 0 && (
          <EmptyState icon={<History />} title={key === undefined ? 'Nothing was changed yet' : 'It was never changed'}>
            Every change of a setting is kept here, with who made it and the way back.
          </EmptyState>
        )}
        {entries.length > 0 && (
          <ul aria-label="Changes" className="divide-y divide-line rounded-lg border border-line bg-surface">
            {entries.map((entry) => (
              <HistoryEntry key={entry.id} entry={entry} scope={scope} settings={settings} />
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <div className="flex items-center gap-3">
            <Button size="small" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Load more
            </Button>
            {query.isFetchNextPageError && <p className="text-bad text-xs">{problemOf(query.error).message}</p>}
          </div>
        )}
      </div>
    </>
  );
}

interface SettingFilterProps {
  settings: readonly { key: string; title: string }[];
  value: string | undefined;
  onChange(key: string | undefined): void;
}

function SettingFilter({ settings, value, onChange }: SettingFilterProps) {
  const id = useId();
  const isKnown = value === undefined || settings.some(({ key }) => key === value);
  return (
    <span className="flex min-w-0 items-center gap-2">
      <label htmlFor={id} className="text-faint text-xs">
        Setting
      </label>
      <select
        id={id}
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
        className="h-8 min-w-0 max-w-80 rounded-md border border-line bg-bg px-2 text-[13px] hover:border-line-strong"
      >
        <option value="">All</option>
        {!isKnown && <option value={value}>{value}</option>}
        {settings.map(({ key, title }) => (
          <option key={key} value={key}>
            {title} ({key})
          </option>
        ))}
      </select>
    </span>
  );
}
