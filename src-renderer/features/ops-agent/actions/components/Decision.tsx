/** Approve or reject: the two buttons of an action that waits for a person, with their dialogs. */
import { Check, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { OpsAction } from '../../../../../src-contract/index.ts';
import { client } from '../../../../rpc/client.ts';
import { Button } from '../../../../ui/Button.tsx';
import { useBlocked } from '../../views/use-blocked.ts';
import { REMEDIATORS } from '../../words/action-words.ts';
import { DoDialog } from './DoDialog.tsx';
import { RejectDialog } from './RejectDialog.tsx';

type Decision = 'approve' | 'reject';

export function DecisionButtons({ onAsk }: { onAsk(decision: Decision): void }) {
  const blocked = useBlocked();
  return (
    <div className="flex shrink-0 gap-1.5">
      <Button
        size="small"
        look="primary"
        icon={<Check aria-hidden="true" className="size-3.5" />}
        blocked={blocked}
        onClick={() => onAsk('approve')}
      >
        Approve
      </Button>
      <Button
        size="small"
        icon={<X aria-hidden="true" className="size-3.5" />}
        blocked={blocked}
        onClick={() => onAsk('reject')}
      >
        Reject
      </Button>
    </div>
  );
}

/** Which action is decided on, and how: kept by the list, so that the dialog outlives the row. */
export function useDecision(): { ask(action: OpsAction, decision: Decision): void; dialog: ReactNode } {
  const [asking, setAsking] = useState<{ action: OpsAction; decision: Decision }>();
  const close = () => setAsking(undefined);
  return {
    ask: (action, decision) => setAsking({ action, decision }),
    dialog:
      asking === undefined ? null : asking.decision === 'reject' ? (
        <RejectDialog action={asking.action} onClose={close} />
      ) : (
        <ApproveDialog action={asking.action} onClose={close} />
      ),
  };
}

const ApproveDialog = ({ action, onClose }: { action: OpsAction; onClose(): void }) => (
  <DoDialog
    title={`Approve: ${REMEDIATORS[action.remediator]}?`}
    cause={action.cause}
    what={action}
    action="Approve it"
    start={() => client.opsActions.approve({ action: action.id })}
    onClose={onClose}
  />
);
