/** What was sent and what is to be sent, through whichever channel. */
import { SearchX, Send } from 'lucide-react';
import { useRef } from 'react';
import type { OpsDelivery } from '../../../../../src-contract/index.ts';
import { PagedList } from '../../../../lists/PagedList.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { duration } from '../../../../ui/duration.ts';
import { plural } from '../../../../ui/format.ts';
import { Menu, MenuCheck, MenuRadio } from '../../../../ui/Menu.tsx';
import { type Column, RowGrid } from '../../../../ui/rows/RowGrid.tsx';
import { EmptyState } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { SeverityBadge } from '../../words/SeverityBadge.tsx';
import { useChannels, useDeliveries } from '../hooks/use-channels.ts';
import type { ChannelsSearchControl } from '../hooks/use-channels-search.ts';
import { ABOUT, DELIVERY_STATE_NAMES, DELIVERY_STATES, stateWords } from '../model/delivery-words.ts';
import { DeliveryBadge } from './DeliveryBadge.tsx';
import { DeliveryDrawer } from './DeliveryDrawer.tsx';

export function DeliveryLog({ search, set }: ChannelsSearchControl) {
  const scrollRef = useRef<HTMLDivElement>(null);
  const { of, state } = search;
  const filter = { ...(of === undefined ? {} : { channel: of }), ...(state === undefined ? {} : { states: state }) };
  const { query, rows, more } = useDeliveries(filter);
  const isFiltered = of !== undefined || state !== undefined;
  const clear = () => set({ of: undefined, state: undefined });
  return (
    <>
      <div className="flex flex-wrap items-center gap-2 border-line border-b px-3 py-2">
        <Filters search={search} set={set} />
        {isFiltered && (
          <Button look="ghost" onClick={clear}>
            Clear filters
          </Button>
        )}
        <span className="flex-1" />
        <p className="text-faint text-xs">Kept for 30 days, at most the last 10,000.</p>
      </div>
      <PagedList query={query}>
        {rows.length === 0 ? (
          <EmptyState
            icon={isFiltered ? <SearchX /> : <Send />}
            title={isFiltered ? 'Nothing is like that' : 'Nothing was sent yet'}
            actions={isFiltered ? <Button onClick={clear}>Clear filters</Button> : undefined}
          >
            {!isFiltered &&
              'What is sent about alerts and reports stands here, with why it was sent and what came of it.'}
          </EmptyState>
        ) : (
          <RowGrid
            key={JSON.stringify(filter)}
            label="What was sent"
            items={rows}
            columns={COLUMNS}
            openId={search.delivery}
            onOpen={({ id }) => set({ delivery: id })}
            more={more}
            count={plural(rows.length, 'delivery', 'deliveries')}
            scrollRef={scrollRef}
          />
        )}
      </PagedList>
      {search.delivery !== undefined && (
        <DeliveryDrawer
          key={search.delivery}
          delivery={rows.find(({ id }) => id === search.delivery)}
          isLoading={query.isPending}
          rows={rows}
          onOpen={(delivery) => set({ delivery })}
          onClose={() => set({ delivery: undefined })}
        />
      )}
    </>
  );
}

function Filters({ search: { of, state = [] }, set }: ChannelsSearchControl) {
  const { data } = useChannels();
  const options = [
    { value: '', label: 'Any channel' },
    ...(data?.items ?? []).map(({ id, name }) => ({ value: id, label: visibleText(name) })),
  ];
  const name = options.find(({ value }) => value === of)?.label ?? of;
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button aria-label={`Filter by channel${name === undefined ? '' : `: ${name}`}`}>{name ?? 'Channel'}</Button>
        }
      >
        <MenuRadio value={of ?? ''} options={options} onChange={(id) => set({ of: id === '' ? undefined : id })} />
      </Menu>
      <Menu
        align="start"
        trigger={<Button aria-label="Filter by state">State{state.length > 0 && ` · ${state.length}`}</Button>}
      >
        {DELIVERY_STATE_NAMES.map((one) => (
          <MenuCheck
            key={one}
            checked={state.includes(one)}
            onChange={(isOn) => {
              const next = DELIVERY_STATE_NAMES.filter((each) => (each === one ? isOn : state.includes(each)));
              set({ state: next.length === 0 || next.length === DELIVERY_STATE_NAMES.length ? undefined : next });
            }}
          >
            {DELIVERY_STATES[one].label}
          </MenuCheck>
        ))}
      </Menu>
    </>
  );
}

const COLUMNS: Column<OpsDelivery>[] = [
  {
    name: 'state',
    heading: 'State',
    width: '92px',
    title: ({ state }) => stateWords(state),
    cell: ({ state }) => <DeliveryBadge state={state} />,
  },
  {
    name: 'about',
    heading: 'About',
    width: '84px',
    className: 'one-line',
    cell: ({ about }) => ABOUT[about],
  },
  {
    name: 'subject',
    heading: 'Subject',
    width: 'minmax(160px, 3fr)',
    title: ({ subject }) => visibleText(subject),
    className: 'one-line',
    cell: ({ subject }) => <span dir="auto">{excerpt(subject, 300)}</span>,
  },
  {
    name: 'severity',
    heading: 'Severity',
    width: '64px',
    cell: ({ severity }) => severity && <SeverityBadge severity={severity} />,
  },
  {
    name: 'channel',
    heading: 'Channel',
    width: 'minmax(90px, 1.2fr)',
    title: ({ channel_name }) => visibleText(channel_name),
    className: 'one-line text-muted',
    cell: ({ channel_name }) => <span dir="auto">{excerpt(channel_name, 100)}</span>,
  },
  {
    name: 'took',
    heading: 'Took',
    width: '64px',
    align: 'right',
    className: 'text-muted text-xs tabular-nums',
    cell: ({ duration_ms }) => duration_ms !== null && duration(duration_ms),
  },
  {
    name: 'created',
    heading: 'When',
    width: '78px',
    align: 'right',
    className: 'one-line text-[11px] text-muted',
    cell: ({ created_at }) => <Ago time={created_at} />,
  },
];
