/** Actions that the agent does not begin before a person says so. Nothing while there are none. */
import type { OpsAction } from '../../../../../src-contract/index.ts';
import { Card } from '../../../../ui/Card.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { number } from '../../../../ui/format.ts';
import { StaleNotice } from '../../../../ui/states.tsx';
import { useNow } from '../../../../ui/use-now.ts';
import { RiskBadge } from '../../actions/components/ActionStateBadge.tsx';
import { DecisionButtons, useDecision } from '../../actions/components/Decision.tsx';
import { useApprovals } from '../../actions/hooks/use-actions.ts';
import { stateSentence } from '../../actions/model/action-sentences.ts';
import { REMEDIATORS } from '../../words/action-words.ts';
import { LabelChips } from '../../words/LabelChips.tsx';

export function ApprovalsCard() {
  const query = useApprovals();
  const { ask, dialog } = useDecision();
  const actions = query.data?.items ?? [];
  const isShown = actions.length > 0 || query.error !== null;
  return (
    <>
      {isShown && (
        <Card
          title={`Waits for your approval (${number(actions.length)}${query.data?.next_cursor ? '+' : ''})`}
          aria-label="Waits for your approval"
          className="border-warn/40"
        >
          {query.error && (
            <div className="p-2">
              <StaleNotice error={query.error} onRetry={() => void query.refetch()} />
            </div>
          )}
          <ul className="max-h-80 divide-y divide-line/60 overflow-y-auto">
            {actions.map((action) => (
              <ApprovalRow key={action.id} action={action} onAsk={(decision) => ask(action, decision)} />
            ))}
          </ul>
        </Card>
      )}
      {dialog}
    </>
  );
}

const CAUSE_SHOWN = 400;

function ApprovalRow({ action, onAsk }: { action: OpsAction; onAsk(decision: 'approve' | 'reject'): void }) {
  const now_ms = useNow();
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-3 py-2">
      <div className="min-w-64 flex-1 space-y-0.5">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{REMEDIATORS[action.remediator]}</span>
          <RiskBadge risk={action.risk} />
          <LabelChips labels={action.target} />
        </p>
        <p className="text-xs [overflow-wrap:anywhere]">{localTimes(excerpt(action.cause, CAUSE_SHOWN))}</p>
        <p className="text-muted text-xs tabular-nums">{stateSentence(action, now_ms)}</p>
      </div>
      <DecisionButtons onAsk={onAsk} />
    </li>
  );
}
