/** Looks at what other nodes wrote as soon as they say so. */
import type { EventFeed } from '../../events/event-feed.ts';
import type { RecordSharing } from '../records/record-sharing.ts';
import type { OpsAgent } from './ops-agent.ts';

export interface Hearing {
  feed: Pick<EventFeed, 'onOpsNotes'>;
  agent: Pick<OpsAgent, 'ring'>;
  sharing: Pick<RecordSharing, 'ring'>;
  /** This one, as it names itself in what it tells. */
  node: string;
}

export function hearOthers({ feed, agent, sharing, node }: Hearing): void {
  feed.onOpsNotes((hint) => {
    if (hint?.node === node) return;
    sharing.ring();
    if (hint?.ring) agent.ring(hint.org_id);
  });
}
