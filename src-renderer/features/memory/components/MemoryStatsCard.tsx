/** Figures of one user: how much is remembered, of what kind, how it grew and what is used. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { WORKING_TYPES } from '../../../../src-contract/entities.ts';
import type { UserStats } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';
import { Card } from '../../../ui/Card.tsx';
import { GrowthChart } from '../../../ui/charts/GrowthChart.tsx';
import { cx } from '../../../ui/classes.ts';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { number, plural } from '../../../ui/format.ts';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import { NO_FILTERS } from '../memory-search.ts';

const LAYERS = [
  { name: 'session', label: 'Session', colour: 'bg-session', text: 'text-session' },
  { name: 'working', label: 'Working', colour: 'bg-working', text: 'text-working' },
  { name: 'longterm', label: 'Long-term', colour: 'bg-longterm', text: 'text-longterm' },
] as const;

const isWorking = (type: string) => (WORKING_TYPES as readonly string[]).includes(type);

export function MemoryStatsCard({ user_id }: { user_id: string }) {
  const { data, error, isPending, refetch } = useQuery(api.stats.user.queryOptions({ input: { user_id } }));
  if (isPending) return <SkeletonRows rows={10} />;
  if (data === undefined) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return (
    <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3">
      {error && <StaleNotice error={error} onRetry={() => void refetch()} />}
      <Totals stats={data} />
      <Card title="Written per day">
        <div className="p-3">
          {data.growth.some(({ working, longterm }) => working + longterm > 0) ? (
            <GrowthChart growth={data.growth} />
          ) : (
            <p className="text-muted">Nothing was written in the last {plural(data.growth.length, 'day')}.</p>
          )}
        </div>
      </Card>
      <Types stats={data} />
      <Importance stats={data} />
      <MostAccessed stats={data} />
    </div>
  );
}

function Totals({ stats }: { stats: UserStats }) {
  const tokens = LAYERS.map(({ name, ...layer }) => ({ name, ...layer, tokens: stats.tokens[name] }));
  const all = tokens.reduce((sum, layer) => sum + layer.tokens, 0);
  return (
    <Card aria-label="Totals">
      <dl className="grid grid-cols-3 divide-x divide-line">
        {LAYERS.map(({ name, label, text }) => (
          <div key={name} className="p-3">
            <dt className="text-[11px] text-muted">{label}</dt>
            <dd className={cx('font-semibold text-xl tabular-nums leading-tight', text)}>
              {name === 'session' && stats.session_status === 'unavailable' ? '–' : number(stats.counts[name])}
            </dd>
            <dd className="text-[11px] text-faint tabular-nums">{number(stats.tokens[name])} tokens</dd>
          </div>
        ))}
      </dl>
      <div
        role="img"
        aria-label={`${number(all)} tokens: ${tokens.map((layer) => `${layer.label} ${number(layer.tokens)}`).join(', ')}`}
        className="flex h-1.5 gap-px overflow-hidden rounded-b-lg bg-hover"
      >
        {tokens.map(({ name, colour, tokens: own }) => (
          <span key={name} className={colour} style={{ width: `${all === 0 ? 0 : (own / all) * 100}%` }} />
        ))}
      </div>
      {stats.session_status === 'unavailable' && (
        <p className="border-line border-t px-3 py-2 text-warn">The session store is away; its figures are missing.</p>
      )}
    </Card>
  );
}

function Types({ stats }: { stats: UserStats }) {
  const { set } = useMemorySearch();
  const greatest = Math.max(1, ...stats.by_type.map(({ count }) => count));
  return (
    <Card title="Types">
      {stats.by_type.length === 0 && <p className="p-3 text-muted">No memories yet.</p>}
      <ul className="p-2 empty:hidden">
        {stats.by_type.map(({ memory_type, count, token_count }) => (
          <li key={memory_type}>
            <button
              type="button"
              title={`${number(token_count)} tokens`}
              onClick={() =>
                set({ ...NO_FILTERS, tab: isWorking(memory_type) ? 'working' : 'longterm', type: [memory_type] })
              }
              className="grid w-full grid-cols-[92px_1fr_56px] items-center gap-2 rounded px-1 py-1 text-left hover:bg-hover"
            >
              <span>{memory_type}</span>
              <span className="h-2 overflow-hidden rounded-full bg-hover">
                <span
                  className={cx('block h-full rounded-full', isWorking(memory_type) ? 'bg-working' : 'bg-longterm')}
                  style={{ width: `${(count / greatest) * 100}%` }}
                />
              </span>
              <span className="text-right text-muted tabular-nums">{number(count)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Importance({ stats }: { stats: UserStats }) {
  return (
    <Card title="Importance of long-term memories" actions={<Average value={stats.average_importance} />}>
      {stats.counts.longterm === 0 ? (
        <p className="p-3 text-muted">No long-term memories yet.</p>
      ) : (
        <Histogram counts={stats.importance_histogram} />
      )}
    </Card>
  );
}

/** How many memories there are in each tenth of importance; a tenth opens them. */
function Histogram({ counts }: { counts: readonly number[] }) {
  const { set } = useMemorySearch();
  const greatest = Math.max(1, ...counts);
  return (
    <>
      <div className="flex h-24 items-end gap-1 px-3 pt-3">
        {counts.map((count, tenth) => (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: tenths never move.
            key={tenth}
            type="button"
            aria-label={`Importance ${tenth / 10} to ${(tenth + 1) / 10}: ${number(count)}`}
            title={`${tenth / 10}–${(tenth + 1) / 10}: ${number(count)}`}
            onClick={() =>
              set({ ...NO_FILTERS, tab: 'longterm', min: tenth === 0 ? undefined : tenth / 10, sort: 'score' })
            }
            className="flex h-full flex-1 items-end rounded-sm hover:bg-hover"
          >
            <span
              className="w-full rounded-t-sm bg-longterm"
              style={{ height: `${count === 0 ? 0 : Math.max(4, (count / greatest) * 100)}%` }}
            />
          </button>
        ))}
      </div>
      <div aria-hidden="true" className="flex justify-between px-3 pt-1 pb-2 text-[10px] text-faint">
        <span>0</span>
        <span>0.5</span>
        <span>1</span>
      </div>
    </>
  );
}

function Average({ value }: { value: number | null }): ReactNode {
  return value === null ? null : (
    <span className="text-[11px] text-muted tabular-nums">average {value.toFixed(2)}</span>
  );
}

function MostAccessed({ stats }: { stats: UserStats }) {
  const { set } = useMemorySearch();
  return (
    <Card title="Most used">
      {stats.most_accessed.length === 0 ? (
        <p className="p-3 text-muted">No long-term memory was used in a context yet.</p>
      ) : (
        <ol className="p-2">
          {stats.most_accessed.map(({ id, text, access_count }) => (
            <li key={id}>
              <button
                type="button"
                onClick={() => set({ memory: id })}
                className="flex w-full items-center gap-2 rounded px-1 py-1 text-left hover:bg-hover"
              >
                <span dir="auto" className="one-line flex-1">
                  {excerpt(text, 300)}
                </span>
                <span className="text-[11px] text-muted tabular-nums">{number(access_count)}×</span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
