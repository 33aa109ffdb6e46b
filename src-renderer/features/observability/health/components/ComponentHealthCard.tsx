/** One component at a glance: how it is, how fast, since when, and what to do. */
import type { Breaker, ComponentHealth } from '../../../../../src-contract/index.ts';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { cx } from '../../../../ui/classes.ts';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { latencyText } from '../model/latency-text.ts';
import { BreakerBadge } from './BreakerBadge.tsx';
import { LatencyLine } from './LatencyLine.tsx';
import { Since } from './Since.tsx';
import { StatusBadge } from './StatusBadge.tsx';

/** Of a text, in a card; the details have all of it. */
const SHOWN = 300;
const BORDERS = { healthy: 'border-line', degraded: 'border-warn/60', unhealthy: 'border-bad' } as const;

export interface ComponentHealthCardProps {
  health: ComponentHealth;
  title: string;
  /** What stands before it, where something does. */
  breaker: Breaker | undefined;
  /** Whether this is how it is now. */
  isCurrent: boolean;
  isOpen: boolean;
  onOpen(): void;
}

export function ComponentHealthCard({ health, title, breaker, isCurrent, isOpen, onOpen }: ComponentHealthCardProps) {
  const { component, status, latency_ms, detail, since, last_error, advice } = health;
  const isIll = status !== 'healthy';
  /** What is wrong now is its last error. */
  const isSaid = last_error?.message === detail;
  return (
    <article
      aria-label={title}
      data-status={isCurrent ? status : 'unknown'}
      className={cx(
        'relative flex min-w-0 flex-col gap-1.5 rounded-lg border p-3',
        isOpen ? 'border-accent-text' : isCurrent ? BORDERS[status] : 'border-line',
        isCurrent && status === 'unhealthy' ? 'bg-bad-soft' : 'bg-surface hover:bg-hover',
        !isCurrent && 'border-dashed',
      )}
    >
      <header className="flex items-center gap-2">
        <h3 className="min-w-0 flex-1">
          {/* All of the card opens it. */}
          <button
            type="button"
            aria-label={`Details of ${title}`}
            aria-expanded={isOpen}
            onClick={onOpen}
            className="one-line max-w-full text-left font-semibold text-[13px] after:absolute after:inset-0 after:rounded-lg hover:underline"
          >
            {title}
          </button>
        </h3>
        <StatusBadge status={status} isCurrent={isCurrent} />
      </header>
      <div className="flex min-h-[2lh] items-start gap-1 text-xs">
        <p
          title={excerpt(detail, SHOWN)}
          className={cx(
            'line-clamp-2 flex-1 [overflow-wrap:anywhere]',
            isIll && isCurrent ? 'text-text' : 'text-muted',
          )}
        >
          {visibleText(detail)}
        </p>
        {isSaid && <CopyError title={title} text={detail} />}
      </div>
      <LatencyLine component={component} title={title} />
      <dl className="grid grid-cols-[56px_minmax(0,1fr)] gap-y-0.5 text-xs">
        <dt className="text-faint">Latency</dt>
        <dd className="tabular-nums">{latencyText(latency_ms)}</dd>
        <dt className="text-faint">Since</dt>
        <dd className="one-line">
          <Since time={since} />
        </dd>
        {breaker && (
          <>
            <dt className="text-faint">Breaker</dt>
            <dd>
              <BreakerBadge breaker={breaker} isCurrent={isCurrent} />
            </dd>
          </>
        )}
      </dl>
      {last_error && !isSaid && (
        <div className="flex items-center gap-1 text-xs">
          <p title={excerpt(last_error.message, SHOWN)} className="one-line flex-1 text-faint">
            Last error <Ago time={last_error.at} />: {excerpt(last_error.message, SHOWN)}
          </p>
          <CopyError title={title} text={last_error.message} />
        </div>
      )}
      {advice !== null && <p className="text-xs [overflow-wrap:anywhere]">{visibleText(advice)}</p>}
    </article>
  );
}

/** Over the button that all of the card is. */
function CopyError({ title, text }: { title: string; text: string }) {
  return (
    <span className="relative z-1">
      <CopyButton what={`Copy the last error of ${title}`} text={text} />
    </span>
  );
}
