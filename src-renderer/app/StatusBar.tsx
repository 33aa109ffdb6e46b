import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Database, FileX2, HardDriveDownload, Inbox, MessagesSquare, Radio } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AppStatus } from '../../src-contract/index.ts';
import type { HealthSearch } from '../features/observability/health/health-search.ts';
import { useHealthFacts } from '../features/observability/health/hooks/use-health-facts.ts';
import { paceOf, useWatchPace } from '../features/observability/health/hooks/watch-pace.ts';
import { QUEUES_ID } from '../features/observability/health/model/alert-links.ts';
import { TransfersButton } from '../features/transfer/components/TransfersButton.tsx';
import { api } from '../rpc/client.ts';
import { type ConnectionState, useConnection } from '../rpc/connection.ts';
import { cx } from '../ui/classes.ts';
import { number, plural } from '../ui/format.ts';
import { Tip } from '../ui/Tip.tsx';
import { ProfileButton } from './profile/ProfileButton.tsx';

const EVERY_MS = 10_000;

export function StatusBar() {
  const connection = useConnection((store) => store.state);
  const { data } = useQuery(
    api.app.status.queryOptions({ refetchInterval: EVERY_MS, staleTime: 0, enabled: connection.phase === 'open' }),
  );
  // Asked for more often than the rest, unless that is switched off.
  const isWatched = useWatchPace(paceOf) !== false;
  const known = useHealthFacts().facts;
  const { health, journal } = (isWatched && known) || {};
  const storeOf = (name: 'database' | 'sessions', status: AppStatus): StoreStatus =>
    health?.components.find(({ component }) => component === name) ?? status[name];
  // Without a connection nobody knows.
  const dotOf = ({ status }: StoreStatus) => (connection.phase === 'open' ? DOTS[status] : 'bg-line-strong');
  const waiting = journal ? journal.database.waiting + journal.sessions.waiting : data?.writes_waiting;
  const refused = journal?.refused ?? data?.writes_refused;
  return (
    <section
      aria-label="Status"
      className="col-span-2 flex h-7 items-center gap-4 overflow-hidden border-line border-t bg-surface px-3 text-[11px] text-muted"
    >
      <Item
        dot={CONNECTION[connection.phase].dot}
        tip={data ? apiTip(data.api) : 'Connection to the engine'}
        icon={<Radio />}
      >
        {CONNECTION[connection.phase].text}
      </Item>
      <ProfileButton />
      {data && (
        <>
          <Item dot={dotOf(storeOf('database', data))} tip={tipOf(storeOf('database', data))} icon={<Database />}>
            {data.database.kind === 'embedded' ? 'Embedded database' : 'PostgreSQL'}
          </Item>
          <Item dot={dotOf(storeOf('sessions', data))} tip={tipOf(storeOf('sessions', data))} icon={<MessagesSquare />}>
            {data.sessions.kind === 'redis' ? 'Redis sessions' : 'Built-in sessions'}
          </Item>
          <Item
            tip={`On their way: ${plural(data.events_waiting ?? 0, 'event', 'events')} of sessions, ${plural(data.queue_depth, 'import or export', 'imports and exports')}`}
            icon={<Inbox />}
          >
            Queue {number(data.queue_depth + (data.events_waiting ?? 0))}
          </Item>
          {waiting !== undefined && waiting > 0 && (
            <Item
              dot="bg-warn"
              tip="Kept on the disk of the engine while their store is away; they are in it as soon as it is back."
              icon={<HardDriveDownload />}
              place={{ hash: QUEUES_ID }}
            >
              {plural(waiting, 'write')} queued
            </Item>
          )}
          {refused !== undefined && refused > 0 && (
            <Item
              dot="bg-bad"
              tip="Writes that were queued, and refused by their store when it was back. Look at them, and retry or discard each."
              icon={<FileX2 />}
              place={{ search: { refused: true } }}
            >
              {plural(refused, 'write')} refused
            </Item>
          )}
        </>
      )}
      <TransfersButton />
      <span className="flex-1" />
      {data && (
        <>
          {data.data_dir && (
            <span title={data.data_dir} className="one-line max-w-80 max-lg:hidden">
              {data.data_dir}
            </span>
          )}
          <span className="shrink-0 tabular-nums">Archon {data.version}</span>
        </>
      )}
    </section>
  );
}

const DOTS = { healthy: 'bg-ok', degraded: 'bg-warn', unhealthy: 'bg-bad' } as const;

const CONNECTION: Record<ConnectionState['phase'], { text: string; dot: string }> = {
  connecting: { text: 'Connecting', dot: 'bg-warn' },
  open: { text: 'Connected', dot: 'bg-ok' },
  lost: { text: 'Not connected', dot: 'bg-bad' },
  signed_out: { text: 'Logged out', dot: 'bg-bad' },
  closing: { text: 'Closing', dot: 'bg-warn' },
};

type StoreStatus = Pick<AppStatus['database'], 'status' | 'detail' | 'latency_ms'>;

function tipOf({ detail, latency_ms }: StoreStatus): string {
  return latency_ms === null ? detail : `${detail} · ${latency_ms.toFixed(1)} ms`;
}

interface ItemProps {
  dot?: string;
  icon: ReactNode;
  tip: string;
  /** Of the health page: where more is said of it. */
  place?: { search?: HealthSearch; hash?: string };
  children: ReactNode;
}

const ITEM = 'flex shrink-0 items-center gap-1.5 rounded [&_svg]:size-3.5';

function Item({ dot, icon, tip, place, children }: ItemProps) {
  const content = (
    <>
      {dot && <span aria-hidden="true" className={cx('size-2 rounded-full', dot)} />}
      <span aria-hidden="true">{icon}</span>
      {children}
    </>
  );
  return (
    <Tip text={tip}>
      {place ? (
        <Link to="/observability" {...place} className={cx(ITEM, 'underline underline-offset-2 hover:text-text')}>
          {content}
        </Link>
      ) : (
        <span tabIndex={0} className={ITEM}>
          {content}
        </span>
      )}
    </Tip>
  );
}

/** The API may be reachable, and not where it is set to be. */
function apiTip({ url, problem }: { url: string | null; problem: string | null }): string {
  const where = url === null ? [] : [`Agents reach the API at ${url}.`];
  return [...where, ...(problem === null ? [] : [problem])].join(' ') || 'Connection to the engine';
}
