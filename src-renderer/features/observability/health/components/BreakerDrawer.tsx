/** Everything about one breaker: how it is, when it opens, and what happened to it. */
import type { Breaker } from '../../../../../src-contract/index.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { number } from '../../../../ui/format.ts';
import { EmptyState, SkeletonRows } from '../../../../ui/states.tsx';
import { Tabs } from '../../../../ui/Tabs.tsx';
import { useSubscriberNames } from '../../../events/hooks/use-subscriber-names.ts';
import type { BreakerView } from '../health-search.ts';
import { useBreakerSteering } from '../hooks/use-breaker-steering.ts';
import { breakerTitle, isForWebhooks } from '../model/service-words.ts';
import { AlertLinks } from './AlertLinks.tsx';
import { BreakerActions, BreakerQuestions } from './BreakerActions.tsx';
import { BreakerBadge, BreakerLine } from './BreakerBadge.tsx';
import { BreakerHistory } from './BreakerHistory.tsx';
import { BreakerSettings } from './BreakerSettings.tsx';
import { Since } from './Since.tsx';

export interface BreakerDrawerProps {
  name: string;
  /** Undefined while they are not known. */
  breakers: readonly Breaker[] | undefined;
  isCurrent: boolean;
  view: BreakerView;
  onView(view: BreakerView): void;
  onClose(): void;
}

export function BreakerDrawer({ name, breakers, isCurrent, view, onView, onClose }: BreakerDrawerProps) {
  const title = breakerTitle(name, useSubscriberNames());
  const breaker = breakers?.find((each) => each.name === name);
  return (
    <Drawer
      label="Breaker details"
      isWide
      onClose={onClose}
      heading={
        <>
          <h2 className="one-line font-semibold text-[15px]">{visibleText(title)}</h2>
          {breaker && !isForWebhooks(breaker) && <BreakerBadge breaker={breaker} isCurrent={isCurrent} />}
        </>
      }
    >
      {breaker ? (
        <Tabs<BreakerView>
          label="Parts of the breaker"
          className="flex-1"
          value={view}
          onChange={onView}
          tabs={[
            { value: 'state', label: 'State' },
            { value: 'settings', label: 'Settings' },
            { value: 'history', label: 'History' },
          ]}
        >
          <Part key={name} breaker={breaker} breakers={breakers} isCurrent={isCurrent} title={title} view={view} />
        </Tabs>
      ) : breakers === undefined ? (
        <SkeletonRows rows={6} />
      ) : (
        <EmptyState title="There is no such breaker">
          That of a webhook is there from the first failure of its receiver on.
        </EmptyState>
      )}
    </Drawer>
  );
}

interface PartProps {
  breaker: Breaker;
  breakers: readonly Breaker[] | undefined;
  isCurrent: boolean;
  title: string;
  view: BreakerView;
}

function Part({ breaker, breakers, isCurrent, title, view }: PartProps) {
  const steering = useBreakerSteering(breaker, title);
  switch (view) {
    case 'state':
      return (
        <div
          role="region"
          aria-label={`State of the breaker of ${title}`}
          tabIndex={0}
          className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4 focus-visible:-outline-offset-2"
        >
          <BreakerLine breaker={breaker} isCurrent={isCurrent} />
          <BreakerActions breaker={breaker} title={title} steering={steering} />
          <BreakerFacts breaker={breaker} />
          <AlertLinks
            alert={{ place: { kind: 'breaker', breaker: breaker.name }, events: ['system.breaker.changed'] }}
          />
          <BreakerQuestions breaker={breaker} title={title} steering={steering} />
        </div>
      );
    case 'settings':
      return (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <BreakerSettings breaker={breaker} steering={steering} />
        </div>
      );
    case 'history':
      return <BreakerHistory breaker={breaker.name} breakers={breakers} />;
  }
}

export function BreakerFacts({ breaker }: { breaker: Breaker }) {
  const { state, counts, calls, threshold, reset_seconds } = breaker;
  return (
    <dl className="grid grid-cols-[130px_minmax(0,1fr)] gap-y-1 text-xs">
      {state.state !== 'closed' && (
        <DetailRow name="Since">
          <Since time={state.since} />
        </DetailRow>
      )}
      {state.state === 'open' && (
        <DetailRow name="Last failure">
          <span className="content-text text-bad">{visibleText(state.error)}</span>
        </DetailRow>
      )}
      <DetailRow name="Opens after">
        {breaker.enabled ? `${number(threshold)} failures in a row` : 'never: it is switched off'}
      </DetailRow>
      <DetailRow name="Tried again after">{number(reset_seconds)} s</DetailRow>
      <DetailRow name="Calls now">
        {number(calls.running)} of {number(calls.most_running)} running, {number(calls.waiting)} of{' '}
        {number(calls.most_waiting)} waiting
      </DetailRow>
      <DetailRow name="Since the start">
        {number(counts.succeeded)} answered, {number(counts.failed)} failed, {number(counts.refused)} refused,{' '}
        {number(counts.crowded)} turned away as too many, {number(counts.retried)} tried again
      </DetailRow>
    </dl>
  );
}
