/** Every circuit breaker: how it is, what it counted, and what can be done. */
import { Link } from '@tanstack/react-router';
import type { Breaker } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Card } from '../../../../ui/Card.tsx';
import { cx } from '../../../../ui/classes.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { number } from '../../../../ui/format.ts';
import { EmptyState, SkeletonRows } from '../../../../ui/states.tsx';
import { useSubscriberNames } from '../../../events/hooks/use-subscriber-names.ts';
import { useBreakerSteering } from '../hooks/use-breaker-steering.ts';
import { breakerTitle, isForWebhooks } from '../model/service-words.ts';
import { BreakerActions, BreakerQuestions } from './BreakerActions.tsx';
import { BreakerBadge, BreakerLine } from './BreakerBadge.tsx';

const ERROR_SHOWN = 300;

export interface CircuitBreakerStatusProps {
  /** Undefined while they are not known. */
  breakers: readonly Breaker[] | undefined;
  isCurrent: boolean;
  openName: string | undefined;
  onOpen(breaker: string): void;
}

export function CircuitBreakerStatus({ breakers, isCurrent, openName, onOpen }: CircuitBreakerStatusProps) {
  const nameOf = useSubscriberNames();
  const used = breakers?.filter(({ in_use }) => in_use);
  const unused = breakers?.filter(({ in_use }) => !in_use) ?? [];
  return (
    <Card
      aria-label="Circuit breakers"
      title="Circuit breakers"
      actions={
        <Link to="/observability" search={{ history: true }} className="text-accent-text text-xs hover:underline">
          History
        </Link>
      }
    >
      {used === undefined && <SkeletonRows rows={3} />}
      {used?.length === 0 && (
        <EmptyState title="Nothing is behind a breaker">
          The database and the sessions are part of Archon itself; webhooks show up with their first failure.
        </EmptyState>
      )}
      {used && used.length > 0 && (
        <ul className="divide-y divide-line">
          {used.map((breaker) => (
            <BreakerRow
              key={breaker.name}
              breaker={breaker}
              title={breakerTitle(breaker.name, nameOf)}
              isCurrent={isCurrent}
              isOpen={breaker.name === openName}
              onOpen={() => onOpen(breaker.name)}
            />
          ))}
        </ul>
      )}
      {unused.length > 0 && (
        <p className="flex flex-wrap gap-x-2 border-line border-t px-3 py-2 text-muted text-xs">
          Not used here:
          {unused.map(({ name }) => (
            <button key={name} type="button" onClick={() => onOpen(name)} className="underline underline-offset-2">
              {breakerTitle(name, nameOf)}
            </button>
          ))}
        </p>
      )}
    </Card>
  );
}

interface BreakerRowProps {
  breaker: Breaker;
  title: string;
  isCurrent: boolean;
  isOpen: boolean;
  onOpen(): void;
}

function BreakerRow({ breaker, title, isCurrent, isOpen, onOpen }: BreakerRowProps) {
  const steering = useBreakerSteering(breaker, title);
  const { state, changed } = breaker;
  return (
    <li className={cx('flex flex-wrap items-start gap-x-3 gap-y-1.5 px-3 py-2', isOpen && 'bg-hover')}>
      <div className="min-w-48 flex-1 space-y-0.5">
        <p className="flex items-center gap-2">
          <button
            type="button"
            aria-label={`Details of the breaker of ${title}`}
            aria-expanded={isOpen}
            onClick={onOpen}
            className="one-line min-w-0 text-left font-medium hover:underline"
          >
            {title}
          </button>
          {!isForWebhooks(breaker) && <BreakerBadge breaker={breaker} isCurrent={isCurrent} />}
          {changed.length > 0 && (
            <Badge tone="accent" title="Its settings are not as configured, but as a person set them.">
              changed
            </Badge>
          )}
        </p>
        <BreakerLine breaker={breaker} isCurrent={isCurrent} />
        {state.state === 'open' && (
          <p title={excerpt(state.error, ERROR_SHOWN)} className="line-clamp-1 text-bad text-xs">
            {excerpt(state.error, ERROR_SHOWN)}
          </p>
        )}
        {!isForWebhooks(breaker) && <BreakerFigures breaker={breaker} />}
      </div>
      <BreakerActions breaker={breaker} title={title} steering={steering} />
      <BreakerQuestions breaker={breaker} title={title} steering={steering} />
    </li>
  );
}

function BreakerFigures({ breaker: { counts, calls } }: { breaker: Breaker }) {
  return (
    <p className="text-[11px] text-faint tabular-nums">
      {number(counts.succeeded)} answered · {number(counts.failed)} failed · {number(counts.refused)} refused ·{' '}
      {number(calls.running)} running · {number(calls.waiting)} waiting
    </p>
  );
}
