/** What becomes of an action that was begun here, as it goes on. */
import { Link } from '@tanstack/react-router';
import type { OpsAction } from '../../../../../src-contract/index.ts';
import { Spinner } from '../../../../ui/Button.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { StaleNotice } from '../../../../ui/states.tsx';
import { useNow } from '../../../../ui/use-now.ts';
import { isUnderWay } from '../../words/action-words.ts';
import { useAction } from '../hooks/use-actions.ts';
import { stateSentence } from '../model/action-sentences.ts';
import { ActionStateBadge } from './ActionStateBadge.tsx';
import { ComparedFacts } from './FactsTable.tsx';

export function ActionProgress({ begun, onLeave }: { begun: OpsAction; onLeave(): void }) {
  const query = useAction(begun.id, begun);
  const action = query.data ?? begun;
  const now_ms = useNow();
  return (
    <div className="space-y-3">
      {query.error && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
      <p role="status" className="flex items-start gap-2">
        {isUnderWay(action) && <Spinner className="mt-1 shrink-0 text-accent-text" />}
        <ActionStateBadge state={action.state} />
        <span className="min-w-0 [overflow-wrap:anywhere]">
          {localTimes(visibleText(stateSentence(action, now_ms)))}
        </span>
      </p>
      {action.outcome !== null && (
        <p dir="auto" className="font-medium [overflow-wrap:anywhere]">
          {localTimes(visibleText(action.outcome))}
        </p>
      )}
      <ComparedFacts before={action.before} after={action.after} />
      <p className="text-muted text-xs">
        {isUnderWay(action) ? 'It goes on when this window is closed:' : 'It is over:'}{' '}
        <Link
          to="/ops-agent/actions"
          search={{ action: action.id }}
          onClick={onLeave}
          className="text-accent-text underline underline-offset-2"
        >
          show it in the log
        </Link>
        .
      </p>
    </div>
  );
}
