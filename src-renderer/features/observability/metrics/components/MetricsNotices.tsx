/** Above the charts: what keeps them from being whole or up to date. */
import { CloudOff, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { CurrentMetrics } from '../../../../../src-contract/metrics.ts';
import { useConnection } from '../../../../rpc/connection.ts';
import { clock } from '../../../../ui/format.ts';
import { StaleNotice } from '../../../../ui/states.tsx';

/** What is missing while it cannot be asked. */
const COLLECTOR_WORDS: Readonly<Record<string, string>> = {
  delivery: 'Figures of queues and dead letters',
  workers: 'Figures of workers',
  session_outbox: 'Figures of the session outbox',
  journal: 'Figures of the journal',
  database_pool: 'Figures of the database pool',
  disk: 'Figures of the disk',
  breakers: 'States of breakers',
};

export interface MetricsNoticesProps {
  error: Error | null;
  onRetry(): void;
  /** When the figures that are shown were read. */
  read_at_ms: number;
  collectors: CurrentMetrics['collectors'];
}

export function MetricsNotices({ error, onRetry, read_at_ms, collectors }: MetricsNoticesProps) {
  const connection = useConnection(({ state }) => state);
  const down = collectors.filter(({ up }) => !up);
  if (connection.phase === 'lost') {
    return (
      <Notice icon={<CloudOff aria-hidden="true" className="size-4 shrink-0" />}>
        Archon is away since {clock(new Date(connection.since_ms).toISOString())}. The charts are as they were read at{' '}
        {clock(new Date(read_at_ms).toISOString())}, and follow again when it is back.
      </Notice>
    );
  }
  return (
    <>
      {error !== null && <StaleNotice error={error} onRetry={onRetry} />}
      {down.map((collector) => (
        <Notice
          key={collector.collector}
          icon={<TriangleAlert aria-hidden="true" className="size-4 shrink-0 text-warn" />}
        >
          {COLLECTOR_WORDS[collector.collector] ?? `Figures of ${collector.collector}`} are not available
          {collector.error === null ? '.' : `: ${collector.error}`}
        </Notice>
      ))}
    </>
  );
}

function Notice({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div
      role="status"
      className="flex items-center gap-2 rounded-md border border-warn/40 bg-warn/15 px-3 py-1.5 text-xs"
    >
      {icon}
      <p className="content-text min-w-0 flex-1">{children}</p>
    </div>
  );
}
