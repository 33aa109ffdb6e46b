/** Everything that waits: events for their subscribers and for the log, dead letters, writes for a store that is away. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { JournalStatus } from '../../../../../src-contract/index.ts';
import { Card } from '../../../../ui/Card.tsx';
import { cx } from '../../../../ui/classes.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { bytes, number } from '../../../../ui/format.ts';
import { Progress } from '../../../../ui/Progress.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { totalsOf } from '../../../events/subscribers/model/delivery-state.ts';
import type { Queues } from '../hooks/use-queues.ts';
import { QUEUES_ID } from '../model/alert-links.ts';
import { Since } from './Since.tsx';

const ERROR_SHOWN = 300;
const LINK = 'rounded underline decoration-line-strong underline-offset-2 hover:decoration-current';

export interface EventQueueMonitorProps {
  queues: Queues;
  /** Undefined while it is not known. */
  journal: JournalStatus | undefined;
  isCurrent: boolean;
}

export function EventQueueMonitor({ queues, journal, isCurrent }: EventQueueMonitorProps) {
  const { letters, subscribers, events } = queues;
  const totals = subscribers.data && totalsOf(subscribers.data.items);
  const outbox = events.data?.session_outbox;
  return (
    <Card aria-label="Queues" title="Queues" id={QUEUES_ID}>
      <dl className="divide-y divide-line">
        <Line
          isStale={letters.isError}
          name={
            <Link to="/events/dead-letters" className={LINK}>
              Dead letters
            </Link>
          }
        >
          {letters.data ? (
            <>
              <Figure value={letters.data.dead} isBad={isCurrent && letters.data.dead > 0} />
              {letters.data.oldest_dead_at !== null && (
                <span>
                  {' '}
                  · the oldest <Ago time={letters.data.oldest_dead_at} />
                </span>
              )}
              {letters.data.replaying > 0 && ` · ${number(letters.data.replaying)} replaying`}
            </>
          ) : (
            <Unknown isRefused={letters.isError} />
          )}
        </Line>
        <Line
          isStale={subscribers.isError}
          name={
            <Link to="/events/subscribers" className={LINK}>
              Queues of subscribers
            </Link>
          }
        >
          {totals ? (
            <>
              <Figure value={totals.waiting} /> waiting · <Figure value={totals.delayed} /> delayed ·{' '}
              <Figure value={totals.running} /> running · <Figure value={totals.behind} /> behind
            </>
          ) : (
            <Unknown isRefused={subscribers.isError} />
          )}
        </Line>
        <Line
          isStale={events.isError}
          name={
            <Link to="/events" className={LINK}>
              Events of sessions
            </Link>
          }
        >
          {outbox === undefined && <Unknown isRefused={events.isError} />}
          {outbox === null && 'not known while the session store is not there'}
          {outbox && (
            <>
              <Figure value={outbox.waiting} /> on their way into the log
              {outbox.oldest_at !== null && (
                <>
                  , the oldest <Ago time={outbox.oldest_at} />
                </>
              )}
            </>
          )}
        </Line>
        {journal && <JournalLines journal={journal} isCurrent={isCurrent} />}
      </dl>
    </Card>
  );
}

function JournalLines({ journal, isCurrent }: { journal: JournalStatus; isCurrent: boolean }) {
  const { refused, bytes: used, max_bytes } = journal;
  return (
    <>
      {(['database', 'sessions'] as const).map((store) => {
        const { waiting, oldest_at, away_since, error } = journal[store];
        return (
          <Line
            key={store}
            name={
              <Link to="/observability" search={{ component: store }} className={LINK}>
                Writes for {store === 'database' ? 'the database' : 'sessions'}
              </Link>
            }
          >
            <Figure value={waiting} isWarning={isCurrent && waiting > 0} /> waiting
            {oldest_at !== null && (
              <>
                {' '}
                · the oldest <Ago time={oldest_at} />
              </>
            )}
            {away_since !== null && (
              <>
                {' '}
                · away since <Since time={away_since} />
              </>
            )}
            {error !== null && (
              <span title={excerpt(error, ERROR_SHOWN)} className={cx('line-clamp-1 block', isCurrent && 'text-bad')}>
                {excerpt(error, ERROR_SHOWN)}
              </span>
            )}
          </Line>
        );
      })}
      <Line
        name={
          <Link to="/observability" search={{ refused: true }} className={LINK}>
            Refused writes
          </Link>
        }
      >
        <Figure value={refused} isBad={isCurrent && refused > 0} />
        {refused > 0 && ' for somebody to look at'}
      </Line>
      <Line name="Journal on the disk">
        {bytes(used)} of {bytes(max_bytes)} used
        <Progress label="How full the journal is" value={Math.min(1, used / max_bytes)} />
      </Line>
    </>
  );
}

function Line({ name, isStale = false, children }: { name: ReactNode; isStale?: boolean; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[150px_minmax(0,1fr)] gap-x-3 px-3 py-1.5 text-xs">
      <dt>{name}</dt>
      <dd className={cx('tabular-nums [overflow-wrap:anywhere]', isStale ? 'text-faint' : 'text-muted')}>
        {children}
        {isStale && <span className="block text-warn">Not up to date: it could not be asked.</span>}
      </dd>
    </div>
  );
}

function Figure({ value, isBad = false, isWarning = false }: { value: number; isBad?: boolean; isWarning?: boolean }) {
  return (
    <span className={cx('font-semibold', isBad ? 'text-bad' : isWarning ? 'text-warn' : 'text-text')}>
      {number(value)}
    </span>
  );
}

function Unknown({ isRefused }: { isRefused: boolean }) {
  return isRefused ? 'not known' : '…';
}
