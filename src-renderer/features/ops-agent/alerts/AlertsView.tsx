/** Alerts: what is wrong now, what was, and what is kept quiet. */
import { BellOff, SearchX, ShieldCheck, Siren } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { PagedList } from '../../../lists/PagedList.tsx';
import { Button } from '../../../ui/Button.tsx';
import { EmptyState } from '../../../ui/states.tsx';
import { Segmented, Tabs } from '../../../ui/Tabs.tsx';
import { hasFilters, NO_FILTERS } from './alerts-search.ts';
import { AlertDrawer } from './components/AlertDrawer.tsx';
import { AlertFilters } from './components/AlertFilters.tsx';
import { AlertStrip } from './components/AlertStrip.tsx';
import { AlertTable } from './components/AlertTable.tsx';
import { SilenceDialog } from './components/SilenceDialog.tsx';
import { SilenceList } from './components/SilenceList.tsx';
import { useAlertChanges } from './hooks/use-alert-changes.ts';
import { useAlertList, useAllAlerts } from './hooks/use-alert-list.ts';
import { type AlertsSearchControl, useAlertsSearch } from './hooks/use-alerts-search.ts';
import { useSilences } from './hooks/use-silences.ts';
import { alertInput } from './model/alert-filter.ts';
import { ALERT_RANGES, DEFAULT_RANGE, RANGE_WORDS, spanOf } from './model/alert-range.ts';
import type { SilenceForm } from './model/silence-form.ts';

type View = 'now' | 'history' | 'silences';

export function AlertsView() {
  const { search, set } = useAlertsSearch();
  const changes = useAlertChanges();
  const [making, setMaking] = useState<SilenceForm['kind']>();
  const silences = useSilences();
  const [firing, setFiring] = useState<number>();
  const holding = silences.data?.items.filter(({ status }) => status === 'holds').length;
  const view: View = search.view ?? 'now';
  return (
    <>
      <h2 className="sr-only">Alerts</h2>
      <Tabs<View>
        label="Which alerts"
        className="flex-1"
        value={view}
        onChange={(next) => set({ view: next === 'now' ? undefined : next })}
        tabs={[
          { value: 'now', label: 'Now', count: firing },
          { value: 'history', label: 'History' },
          { value: 'silences', label: 'Silences', count: holding },
        ]}
        actions={
          view !== 'silences' && (
            <Button
              size="small"
              icon={<BellOff className="size-3.5" />}
              blocked={changes.blocked}
              onClick={() => setMaking('once')}
            >
              Silence …
            </Button>
          )
        }
      >
        {view === 'silences' ? (
          <SilenceList changes={changes} onNew={setMaking} />
        ) : (
          <AlertLists key={view} search={search} set={set} onFiring={setFiring} />
        )}
      </Tabs>
      {search.alert !== undefined && (
        <AlertDrawer key={search.alert} alert_id={search.alert} onClose={() => set({ alert: undefined })} />
      )}
      {making !== undefined && (
        <SilenceDialog key={making} kind={making} changes={changes} onClose={() => setMaking(undefined)} />
      )}
    </>
  );
}

function AlertLists({ search, set, onFiring }: AlertsSearchControl & { onFiring(count: number | undefined): void }) {
  const inputRef = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => inputRef.current?.focus() });
  const isHistory = search.view === 'history';
  const { range, from, to } = search;
  // Where it begins stays, as long as the same time is asked for: else it would be another list at each drawing.
  // biome-ignore lint/correctness/useExhaustiveDependencies: begun anew with another time.
  const now_ms = useMemo(() => Date.now(), [range, from, to]);
  const span = spanOf(search, now_ms);
  const input = alertInput(search, span);
  const { query, rows, active, more } = useAlertList(input);
  const count = active === undefined ? undefined : active.firing + active.pending;
  useEffect(() => onFiring(count), [count, onFiring]);
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 border-line border-b px-3 py-2">
        {isHistory && (
          <Segmented
            label="Time range"
            // None of them is on while another time is shown.
            value={from === undefined && to === undefined ? (range ?? DEFAULT_RANGE) : ('' as typeof DEFAULT_RANGE)}
            options={ALERT_RANGES.map((value) => ({ value, label: RANGE_WORDS[value].label }))}
            onChange={(next) => set({ range: next, from: undefined, to: undefined })}
          />
        )}
        <AlertFilters search={search} set={set} inputRef={inputRef} />
      </div>
      <PagedList
        query={query}
        head={
          isHistory && (
            <History
              input={input}
              span={span}
              newest={rows[0] && `${rows[0].id} ${rows[0].state.state}`}
              search={search}
              set={set}
            />
          )
        }
      >
        {rows.length === 0 ? (
          <NoAlerts search={search} set={set} />
        ) : (
          <AlertTable
            key={JSON.stringify(input)}
            label={isHistory ? 'Alerts of the history' : 'Alerts of now'}
            rows={rows}
            more={more}
            openId={search.alert}
            onOpen={({ id }) => set({ alert: id })}
          />
        )}
      </PagedList>
    </>
  );
}

interface HistoryProps extends AlertsSearchControl {
  input: ReturnType<typeof alertInput>;
  span: ReturnType<typeof spanOf>;
  newest: string | undefined;
}

function History({ input, span, newest, set }: HistoryProps) {
  const query = useAllAlerts(input, newest);
  // The end of bars that go on moves when they are read again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: at each reading.
  const now_ms = useMemo(() => Date.now(), [query.dataUpdatedAt]);
  return (
    <AlertStrip
      query={query}
      span={span}
      now_ms={now_ms}
      onStretch={(stretch) => set(stretch ?? { from: undefined, to: undefined })}
      onRule={(rule) => set({ rule })}
      onOpen={(alert) => set({ alert })}
    />
  );
}

function NoAlerts({ search, set }: AlertsSearchControl) {
  if (hasFilters(search)) {
    return (
      <EmptyState
        icon={<SearchX />}
        title="No alert matches these filters"
        actions={<Button onClick={() => set(NO_FILTERS)}>Clear filters</Button>}
      />
    );
  }
  if (search.view === 'history') {
    return (
      <EmptyState icon={<Siren />} title="No alerts in this time">
        Alerts are kept for 90 days, at most the last 10,000.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={<ShieldCheck />} title="Nothing is wrong">
      An alert begins here when a rule finds something, and goes into the history once it is over.
    </EmptyState>
  );
}
