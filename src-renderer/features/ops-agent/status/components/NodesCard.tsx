import type { OpsStatus } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Card } from '../../../../ui/Card.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { dayAndClock, plural } from '../../../../ui/format.ts';
import { Ago } from '../../../../ui/Time.tsx';

/** The processes that observe, which of them acts, and where the notes of the agent are. */
export function NodesCard({ status: { nodes, node, storage } }: { status: OpsStatus }) {
  return (
    <Card title="Nodes" aria-label="Nodes" className="flex flex-col">
      {nodes.length === 0 ? (
        <p className="p-3 text-muted">No process observes.</p>
      ) : (
        <ul
          className="max-h-52 flex-1 divide-y divide-line/60 overflow-y-auto text-xs"
          tabIndex={0}
          aria-label="Nodes that observe"
        >
          {nodes.map((each) => (
            <li key={each.node} className="flex items-center gap-2 px-3 py-1.5">
              <span title={visibleText(each.node)} className="one-line min-w-0 flex-1 font-medium">
                {visibleText(each.node)}
                {each.node === node && <span className="font-normal text-muted"> (this one)</span>}
              </span>
              {each.leads && <Badge tone="accent">Acts</Badge>}
              <Ago time={each.seen_at} className="text-muted" />
            </li>
          ))}
        </ul>
      )}
      <StorageNote storage={storage} />
    </Card>
  );
}

function StorageNote({ storage: { shared, unsaved, away_since } }: Pick<OpsStatus, 'storage'>) {
  const isAway = away_since !== null;
  return (
    <p className={`border-line border-t px-3 py-2 text-xs ${isAway || unsaved > 0 ? 'text-warn' : 'text-muted'}`}>
      {isAway ? (
        <>
          The database is away since {dayAndClock(away_since)}: its notes are kept on this computer
          {unsaved > 0 && `, ${plural(unsaved, 'note')} to be shared`}. Nothing is lost.
        </>
      ) : unsaved > 0 ? (
        `${plural(unsaved, 'note')} on this computer ${unsaved === 1 ? 'waits' : 'wait'} to be shared with the other nodes.`
      ) : shared ? (
        'Its notes are on this computer, and shared with the other nodes through the database.'
      ) : (
        'Its notes are on this computer.'
      )}
    </p>
  );
}
