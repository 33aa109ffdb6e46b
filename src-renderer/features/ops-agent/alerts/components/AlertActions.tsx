/** What was done about an alert, by the agent and by persons. */
import { Link } from '@tanstack/react-router';
import { Wrench } from 'lucide-react';
import { PagedList } from '../../../../lists/PagedList.tsx';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { duration } from '../../../../ui/duration.ts';
import { EmptyState } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { ACTION_STATES, REMEDIATORS } from '../../words/action-words.ts';
import { LabelChips } from '../../words/LabelChips.tsx';
import { useAlertActions } from '../hooks/use-alert.ts';

export function AlertActions({ alert_id }: { alert_id: string }) {
  const { query, rows, more } = useAlertActions(alert_id);
  return (
    <PagedList query={query}>
      {rows.length === 0 ? (
        <EmptyState icon={<Wrench />} title="Nothing was done about it">
          Its rule has no remediation, or there was no reason to do anything yet.
        </EmptyState>
      ) : (
        <ul aria-label="What was done" className="divide-y divide-line rounded-lg border border-line">
          {rows.map(({ id, remediator, target, state, outcome, created_at, duration_ms }) => (
            <li key={id} className="space-y-1 px-3 py-2">
              <p className="flex items-center gap-2">
                <Badge tone={ACTION_STATES[state.state].tone} className="shrink-0">
                  {ACTION_STATES[state.state].label}
                </Badge>
                <Link
                  to="/ops-agent/actions"
                  search={{ action: id }}
                  className="one-line min-w-0 flex-1 text-accent-text underline underline-offset-2"
                >
                  {REMEDIATORS[remediator]}
                </Link>
                {duration_ms !== null && (
                  <span className="text-muted text-xs tabular-nums">{duration(duration_ms)}</span>
                )}
                <Ago time={created_at} className="shrink-0 text-[11px] text-faint" />
              </p>
              <LabelChips labels={target} />
              {outcome !== null && <p className="content-text text-muted text-xs">{visibleText(outcome)}</p>}
            </li>
          ))}
        </ul>
      )}
      {more.hasMore && (
        <div className="pt-2">
          <Button size="small" busy={more.isLoading} onClick={more.retry}>
            Load more
          </Button>
        </div>
      )}
    </PagedList>
  );
}
