import { Link } from '@tanstack/react-router';
import { Undo2, X, Zap } from 'lucide-react';
import type { OpsRecommendation } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Button } from '../../../../ui/Button.tsx';
import { cx } from '../../../../ui/classes.ts';
import { CodeBlock } from '../../../../ui/content/CodeBlock.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { Facts } from '../../actions/components/FactsTable.tsx';
import type { Dismissal } from '../hooks/use-dismissal.ts';
import { IMPACTS, languageOf } from '../model/recommendation-words.ts';

export interface RecommendationCardProps {
  recommendation: OpsRecommendation;
  dismissal: Dismissal;
  /** Why nothing can be changed now. */
  blocked: string | undefined;
  onApply(): void;
}

export function RecommendationCard({ recommendation, dismissal, blocked, onApply }: RecommendationCardProps) {
  const { title, detail, impact, evidence, statement, apply, state, found_at, seen_at } = recommendation;
  const isOpen = state.state === 'open';
  return (
    <article
      aria-label={visibleText(title)}
      className={cx('space-y-2.5 rounded-lg border border-line bg-surface p-3', !isOpen && 'bg-transparent')}
    >
      <header className="flex flex-wrap items-start gap-2">
        <Badge tone={isOpen ? IMPACTS[impact].tone : 'plain'} className="mt-0.5 shrink-0">
          {IMPACTS[impact].label}
        </Badge>
        <h3 dir="auto" className="min-w-48 flex-1 font-semibold [overflow-wrap:anywhere]">
          {visibleText(title)}
        </h3>
        <Buttons recommendation={recommendation} dismissal={dismissal} blocked={blocked} onApply={onApply} />
      </header>
      <p dir="auto" className="max-w-3xl [overflow-wrap:anywhere]">
        {localTimes(visibleText(detail))}
      </p>
      {evidence.length > 0 && (
        <section aria-label="Evidence" className="rounded-md border border-line bg-bg p-2.5">
          <Facts facts={evidence} />
        </section>
      )}
      {statement !== null && <CodeBlock text={statement} language={languageOf(statement)} />}
      <p className="text-muted text-xs">
        <StateWords state={state} /> Found <Ago time={found_at} />, seen last <Ago time={seen_at} />.
        {isOpen && apply === null && ' Archon does not do this by itself: a person has to.'}
      </p>
    </article>
  );
}

function Buttons({ recommendation, dismissal, blocked, onApply }: RecommendationCardProps) {
  const { state, apply, id } = recommendation;
  const busy = dismissal.busy === id;
  return (
    <div className="flex shrink-0 gap-1.5">
      {state.state === 'open' && apply !== null && (
        <Button
          size="small"
          look="primary"
          icon={<Zap aria-hidden="true" className="size-3.5" />}
          blocked={blocked}
          onClick={onApply}
        >
          Apply …
        </Button>
      )}
      {state.state === 'open' && (
        <Button
          size="small"
          icon={<X aria-hidden="true" className="size-3.5" />}
          busy={busy}
          blocked={blocked}
          onClick={() => dismissal.set(recommendation, true)}
        >
          Dismiss
        </Button>
      )}
      {state.state === 'dismissed' && (
        <Button
          size="small"
          icon={<Undo2 aria-hidden="true" className="size-3.5" />}
          busy={busy}
          blocked={blocked}
          onClick={() => dismissal.set(recommendation, false)}
        >
          Open it again
        </Button>
      )}
    </div>
  );
}

function StateWords({ state }: Pick<OpsRecommendation, 'state'>) {
  switch (state.state) {
    case 'open':
      return null;
    case 'dismissed':
      return (
        <>
          Dismissed by {visibleText(state.by)} <Ago time={state.at} />.
        </>
      );
    case 'applied':
      return (
        <>
          Applied by {visibleText(state.by)} <Ago time={state.at} />:{' '}
          <Link
            to="/ops-agent/actions"
            search={{ action: state.action_id }}
            className="text-accent-text underline underline-offset-2"
          >
            what came of it
          </Link>
          .
        </>
      );
  }
}
