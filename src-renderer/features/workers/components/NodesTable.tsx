/** The processes that run workers, which part of the users each has, and when it was last heard of. */
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { WorkerNode } from '../../../../src-contract/index.ts';
import { api } from '../../../rpc/client.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Card } from '../../../ui/Card.tsx';
import { cx } from '../../../ui/classes.ts';
import { excerpt, visibleText } from '../../../ui/content/visible-text.ts';
import { number } from '../../../ui/format.ts';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { Ago } from '../../../ui/Time.tsx';
import { percent } from '../health-words.ts';

const KINDS: Readonly<Record<WorkerNode['kind'], string>> = {
  server: 'Server',
  desktop: 'Desktop app',
  worker: 'Worker',
};
const NAME_SHOWN = 200;

/** As it was read last: whoever shows the workers keeps it up to date. */
export function NodesTable() {
  const query = useQuery(api.workers.nodes.queryOptions());
  const nodes = query.data?.items;
  return (
    <Card title={nodes === undefined ? 'Nodes' : `Nodes (${number(nodes.length)})`} aria-label="Nodes">
      {query.error && nodes && (
        <div className="p-3">
          <StaleNotice error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {nodes === undefined ? (
        query.isPending ? (
          <SkeletonRows rows={2} />
        ) : (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )
      ) : nodes.length === 0 ? (
        <p className="p-3 text-muted">No process runs workers, or has done so lately.</p>
      ) : (
        <Table nodes={nodes} />
      )}
    </Card>
  );
}

const CELL = 'px-3 py-1.5 align-top';

function Table({ nodes }: { nodes: readonly WorkerNode[] }) {
  // Those that need somebody first; otherwise none changes its place while one looks at it.
  const sorted = nodes.toSorted(
    (a, b) =>
      Number(b.status === 'lost') - Number(a.status === 'lost') ||
      a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
  const all = new Set(nodes.flatMap(({ workers }) => workers)).size;
  return (
    <table className="w-full table-fixed text-left text-xs">
      <thead className="text-[11px] text-faint">
        <tr className="border-line border-b">
          {COLUMNS.map(({ name, width, isNumber }) => (
            <th key={name} scope="col" className={cx('px-3 py-1.5 font-normal', width, isNumber && 'text-right')}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sorted.map((node) => (
          <NodeRow key={node.node_id} node={node} all={all} />
        ))}
      </tbody>
    </table>
  );
}

const COLUMNS: readonly { name: string; width?: string; isNumber?: boolean }[] = [
  { name: 'Node' },
  { name: 'Kind', width: 'w-26' },
  { name: 'Status', width: 'w-56' },
  { name: 'Shard', width: 'w-20' },
  { name: 'Of the users', width: 'w-24', isNumber: true },
  { name: 'Workers', width: 'w-24' },
  { name: 'Running', width: 'w-18', isNumber: true },
  { name: 'Heard of', width: 'w-24', isNumber: true },
];

function NodeRow({ node, all }: { node: WorkerNode; all: number }) {
  const { name, kind, status, shard, share, workers, running, heartbeat_at, node_id } = node;
  const isLost = status === 'lost';
  const names = workers.map(visibleText).join(', ');
  return (
    <tr className={cx('border-line/60 border-b last:border-b-0', isLost && 'bg-warn/10')}>
      <th scope="row" title={`${visibleText(name)} · ${node_id}`} className={cx(CELL, 'one-line font-medium')}>
        {excerpt(name, NAME_SHOWN)}
      </th>
      <td className={CELL}>{KINDS[kind]}</td>
      <td className={CELL}>
        <Badge tone={isLost ? 'warn' : 'ok'}>{isLost ? 'Lost' : 'Live'}</Badge>
        {isLost && <span className="mt-0.5 block text-[11px] text-muted">{lostAdvice(shard)}</span>}
      </td>
      <td className={CELL}>{shard ?? 'automatic'}</td>
      <td className={cx(CELL, 'text-right tabular-nums')}>{percent(share)}</td>
      <td title={names} className={cx(CELL, 'one-line')}>
        {workers.length === all && all > 1 ? `all ${all}` : names}
      </td>
      <td className={cx(CELL, 'text-right tabular-nums')}>{number(running)}</td>
      <td className={cx(CELL, 'text-right')}>
        <Ago time={heartbeat_at} />
      </td>
    </tr>
  );
}

/** A fixed part is taken over by no other. */
function lostAdvice(shard: string | null): ReactNode {
  if (shard === null) return 'Its share went to the others. Start it again if it should run.';
  return (
    <>
      No other takes its part over: start it again with{' '}
      <code className="whitespace-nowrap font-mono">--shard {visibleText(shard)}</code>.
    </>
  );
}
