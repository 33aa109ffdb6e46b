/** Everything about one action: why, to what, what was measured before and after, and what came of it. */
import type { ReactNode } from 'react';
import type { OpsAction } from '../../../../../src-contract/index.ts';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { duration } from '../../../../ui/duration.ts';
import { exactTime } from '../../../../ui/moment.ts';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { useNow } from '../../../../ui/use-now.ts';
import { AlertLink } from '../../words/AlertLink.tsx';
import { REMEDIATORS } from '../../words/action-words.ts';
import { LabelChips } from '../../words/LabelChips.tsx';
import { useAction } from '../hooks/use-actions.ts';
import { stateSentence } from '../model/action-sentences.ts';
import { ActionStateBadge, RiskBadge } from './ActionStateBadge.tsx';
import { DecisionButtons, useDecision } from './Decision.tsx';
import { ComparedFacts } from './FactsTable.tsx';

export interface ActionDrawerProps {
  id: string;
  /** As the list has it, for the time until it is read. */
  known: OpsAction | undefined;
  onClose(): void;
}

export function ActionDrawer({ id, known, onClose }: ActionDrawerProps) {
  const query = useAction(id, known);
  const action = query.data;
  return (
    <Drawer
      label="Action details"
      onClose={onClose}
      heading={
        action && (
          <>
            <h3 className="one-line font-semibold text-[15px]">{REMEDIATORS[action.remediator]}</h3>
            <ActionStateBadge state={action.state} />
          </>
        )
      }
    >
      {action ? (
        <Details action={action} stale={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <SkeletonRows rows={8} />
      ) : (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
    </Drawer>
  );
}

function Details({ action, stale, onRetry }: { action: OpsAction; stale: unknown; onRetry(): void }) {
  const now_ms = useNow();
  const { ask, dialog } = useDecision();
  const { cause, target, origin, risk, attempt, outcome, approved_by, before, after } = action;
  return (
    <div
      role="region"
      aria-label="The action"
      tabIndex={0}
      className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4 focus-visible:-outline-offset-2"
    >
      {stale !== null && stale !== undefined && <StaleNotice error={stale} onRetry={onRetry} />}
      <div className="space-y-2">
        <p dir="auto" className="text-[14px] [overflow-wrap:anywhere]">
          {localTimes(visibleText(cause))}
        </p>
        <p role="status" className="text-muted [overflow-wrap:anywhere]">
          {localTimes(visibleText(stateSentence(action, now_ms)))}
        </p>
        {action.state.state === 'waiting_approval' && <DecisionButtons onAsk={(decision) => ask(action, decision)} />}
      </div>
      <Part title="Outcome">
        {outcome === null ? (
          <p className="text-muted text-xs">There is none yet.</p>
        ) : (
          <p dir="auto" className="[overflow-wrap:anywhere]">
            {localTimes(visibleText(outcome))}
          </p>
        )}
        <ComparedFacts before={before} after={after} />
      </Part>
      <Part title="About it">
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          <DetailRow name="Target">
            {Object.keys(target).length === 0 ? 'All of it' : <LabelChips labels={target} />}
          </DetailRow>
          <DetailRow name="Wanted by">
            <Origin origin={origin} />
          </DetailRow>
          {approved_by !== null && <DetailRow name="Approved by">{visibleText(approved_by)}</DetailRow>}
          <DetailRow name="Risk">
            <RiskBadge risk={risk} />
          </DetailRow>
          <DetailRow name="Attempt">{attempt}</DetailRow>
          <Times action={action} />
        </dl>
      </Part>
      <Part title="Take it along">
        <CopyButton text={() => JSON.stringify(action, null, 2)} label="Copy as JSON" />
      </Part>
      {dialog}
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="space-y-1.5">
      <h4 className="font-semibold text-muted text-xs">{title}</h4>
      {children}
    </section>
  );
}

function Origin({ origin }: Pick<OpsAction, 'origin'>) {
  switch (origin.kind) {
    case 'rule':
      return (
        <>
          Rule “{visibleText(origin.rule_name)}”: <AlertLink alert_id={origin.alert_id}>its alert</AlertLink>
        </>
      );
    case 'person':
      return (
        <>
          {visibleText(origin.by)}
          {origin.reason !== null && <span dir="auto">: “{visibleText(origin.reason)}”</span>}
        </>
      );
    case 'recommendation':
      return <>{visibleText(origin.by)}, by a recommendation</>;
  }
}

function Times({ action: { created_at, started_at, ended_at, duration_ms, id } }: { action: OpsAction }) {
  return (
    <>
      <DetailRow name="Wanted">
        <Moment time={created_at} />
      </DetailRow>
      <DetailRow name="Begun">{started_at === null ? 'not begun' : <Moment time={started_at} />}</DetailRow>
      <DetailRow name="Ended">{ended_at === null ? 'not ended' : <Moment time={ended_at} />}</DetailRow>
      <DetailRow name="Took">{duration_ms === null ? '–' : duration(duration_ms)}</DetailRow>
      <DetailRow name="Id">
        <span className="font-mono text-xs">{id}</span> <CopyButton text={id} what="Copy the id" />
      </DetailRow>
    </>
  );
}

const Moment = ({ time }: { time: string }) => (
  <>
    <Ago time={time} /> <span className="text-faint">· {exactTime(time)}</span>
  </>
);
