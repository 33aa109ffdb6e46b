/** Everything about one component: what is wrong, since when, what to do, and what explains it. */
import { Link } from '@tanstack/react-router';
import type { Breaker, ComponentHealth } from '../../../../../src-contract/index.ts';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { Drawer } from '../../../../ui/Drawer.tsx';
import { fullTime } from '../../../../ui/format.ts';
import { EmptyState, SkeletonRows } from '../../../../ui/states.tsx';
import { useBreakerSteering } from '../hooks/use-breaker-steering.ts';
import type { KnownHealth } from '../hooks/use-health-facts.ts';
import { latencyText } from '../model/latency-text.ts';
import { breakerOf, type ComponentName, componentTitle } from '../model/service-words.ts';
import { AlertLinks } from './AlertLinks.tsx';
import { BreakerActions, BreakerQuestions } from './BreakerActions.tsx';
import { BreakerBadge, BreakerLine } from './BreakerBadge.tsx';
import { BreakerFacts } from './BreakerDrawer.tsx';
import { LatencyLine } from './LatencyLine.tsx';
import { Since } from './Since.tsx';
import { StatusBadge } from './StatusBadge.tsx';

export interface ComponentDrawerProps {
  component: ComponentName;
  known: KnownHealth;
  isCurrent: boolean;
  onClose(): void;
}

export function ComponentDrawer({ component, known: { facts, alerts }, isCurrent, onClose }: ComponentDrawerProps) {
  const title = componentTitle(component, facts?.breakers);
  const health = facts?.health.components.find((each) => each.component === component);
  const breaker = breakerOf(component, facts?.breakers);
  const alert = alerts.find(({ place }) => place.kind === 'component' && place.component === component);
  return (
    <Drawer
      label="Component details"
      onClose={onClose}
      heading={
        <>
          <h2 className="one-line font-semibold text-[15px]">{title}</h2>
          {health && <StatusBadge status={health.status} isCurrent={isCurrent} />}
        </>
      }
    >
      {health ? (
        <div
          role="region"
          aria-label={`State of ${title}`}
          tabIndex={0}
          className="min-h-0 flex-1 space-y-5 overflow-y-auto p-4 focus-visible:-outline-offset-2"
        >
          <Facts health={health} title={title} effects={alert?.effects ?? []} />
          {breaker && <BreakerPart breaker={breaker} title={title} isCurrent={isCurrent} />}
          <section className="space-y-1">
            <h3 className="font-semibold text-muted text-xs">What explains it</h3>
            <AlertLinks
              alert={alert ?? { place: { kind: 'component', component }, events: ['system.breaker.changed'] }}
            />
            <OwnPage component={component} />
          </section>
        </div>
      ) : facts === undefined ? (
        <SkeletonRows rows={6} />
      ) : (
        <EmptyState title="There is no such component here">This process of Archon has none.</EmptyState>
      )}
    </Drawer>
  );
}

function Facts({ health, title, effects }: { health: ComponentHealth; title: string; effects: readonly string[] }) {
  const { component, detail, since, latency_ms, last_error, advice } = health;
  return (
    <section className="space-y-3">
      <p className="[overflow-wrap:anywhere]">{visibleText(detail)}</p>
      {advice !== null && (
        <p className="rounded-md border border-line bg-raised px-3 py-2 [overflow-wrap:anywhere]">
          <strong>What to do:</strong> {visibleText(advice)}
        </p>
      )}
      <LatencyLine component={component} title={title} />
      <dl className="grid grid-cols-[130px_minmax(0,1fr)] gap-y-1 text-xs">
        <DetailRow name="Since">
          <Since time={since} />
        </DetailRow>
        <DetailRow name="Latency">{latencyText(latency_ms)}</DetailRow>
        {effects.length > 0 && <DetailRow name="What it means">{effects.join(', ')}</DetailRow>}
        {last_error && (
          <DetailRow name="Last error">
            <span className="content-text text-bad">{visibleText(last_error.message)}</span>{' '}
            <span className="text-faint">({fullTime(last_error.at)})</span>{' '}
            <CopyButton what={`Copy the last error of ${title}`} text={last_error.message} />
          </DetailRow>
        )}
      </dl>
    </section>
  );
}

function BreakerPart({ breaker, title, isCurrent }: { breaker: Breaker; title: string; isCurrent: boolean }) {
  const steering = useBreakerSteering(breaker, title);
  return (
    <section className="space-y-2">
      <h3 className="flex items-center gap-2 font-semibold text-muted text-xs">
        Its circuit breaker <BreakerBadge breaker={breaker} isCurrent={isCurrent} />
      </h3>
      <BreakerLine breaker={breaker} isCurrent={isCurrent} />
      <BreakerActions breaker={breaker} title={title} steering={steering} />
      <BreakerFacts breaker={breaker} />
      <p className="flex gap-3 text-xs">
        <Link to="/observability" search={{ breaker: breaker.name, view: 'settings' }} className={LINK}>
          Settings
        </Link>
        <Link to="/observability" search={{ breaker: breaker.name, view: 'history' }} className={LINK}>
          History
        </Link>
      </p>
      <BreakerQuestions breaker={breaker} title={title} steering={steering} />
    </section>
  );
}

const LINK = 'rounded text-accent-text underline underline-offset-2 hover:no-underline';

/** The page that is about it, where there is one. */
function OwnPage({ component }: { component: ComponentName }) {
  switch (component) {
    case 'delivery':
      return (
        <p className="flex gap-3 text-xs">
          <Link to="/events/subscribers" className={LINK}>
            Subscribers
          </Link>
          <Link to="/events/dead-letters" className={LINK}>
            Dead letters
          </Link>
        </p>
      );
    case 'workers':
      return (
        <Link to="/workers" className={`${LINK} text-xs`}>
          Workers
        </Link>
      );
    case 'breakers':
      return (
        <Link to="/observability" search={{ history: true }} className={`${LINK} text-xs`}>
          What happened to the breakers
        </Link>
      );
    case 'database':
    case 'sessions':
    case 'data_folder':
    case 'event_log':
    case 'session_outbox':
      return null;
  }
}
