/** What a person can do by hand: each remediator, and what it can be used on now. */
import { useQuery } from '@tanstack/react-query';
import { Hand } from 'lucide-react';
import { useState } from 'react';
import type { OpsRemediator, OpsTarget } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Card } from '../../../../ui/Card.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { number } from '../../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../../ui/states.tsx';
import { RiskBadge } from '../../actions/components/ActionStateBadge.tsx';
import { DoDialog } from '../../actions/components/DoDialog.tsx';
import { useBlocked } from '../../views/use-blocked.ts';
import { useLive } from '../../views/use-live.ts';
import { labelWords } from '../../words/labels.ts';

const EVERY_MS = 30_000;
const TARGETS_SHOWN = 4;
const DETAIL_SHOWN = 200;

interface Wish {
  remediator: OpsRemediator;
  target: OpsTarget;
}

export function Interventions() {
  const query = useQuery(api.opsActions.remediators.queryOptions(useLive(EVERY_MS)));
  const [wish, setWish] = useState<Wish>();
  const remediators = query.data?.items;
  return (
    <section aria-labelledby="interventions" className="space-y-2">
      <header className="flex flex-wrap items-baseline gap-x-2">
        <h2 id="interventions" className="font-semibold text-[13px]">
          Interventions
        </h2>
        <p className="text-muted text-xs">
          What you do here is done at once, whatever the mode of the agent, and stands in the log with your name.
        </p>
      </header>
      {query.error && remediators && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
      {remediators === undefined ? (
        <Card>
          {query.isPending ? (
            <SkeletonRows rows={4} />
          ) : (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          )}
        </Card>
      ) : remediators.length === 0 ? (
        <Card>
          <EmptyState icon={<Hand />} title="Nothing can be done from here" />
        </Card>
      ) : (
        <div className="grid grid-cols-[repeat(auto-fill,minmax(min(340px,100%),1fr))] gap-3">
          {remediators.map((remediator) => (
            <RemediatorCard
              key={remediator.name}
              remediator={remediator}
              onWish={(target) => setWish({ remediator, target })}
            />
          ))}
        </div>
      )}
      {wish && (
        <DoDialog
          title={`${visibleText(wish.remediator.title)}: ${visibleText(wish.target.title)}`}
          what={{ remediator: wish.remediator.name, target: wish.target.target }}
          action="Do it now"
          asksReason
          start={(reason) =>
            client.opsActions.run({
              remediator: wish.remediator.name,
              target: wish.target.target,
              ...(reason === undefined ? {} : { reason }),
            })
          }
          onClose={() => setWish(undefined)}
        />
      )}
    </section>
  );
}

interface RemediatorCardProps {
  remediator: OpsRemediator;
  onWish(target: OpsTarget): void;
}

function RemediatorCard({ remediator, onWish }: RemediatorCardProps) {
  const { title, precondition, effect, risk, verification, targets } = remediator;
  const [isAll, setAll] = useState(false);
  const shown = isAll ? targets : targets.slice(0, TARGETS_SHOWN);
  return (
    <Card role="article" aria-label={title} className="flex flex-col" title={title} actions={<RiskBadge risk={risk} />}>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1 p-3 text-xs">
        <DetailRow name="Does">{visibleText(effect)}</DetailRow>
        <DetailRow name="When">{visibleText(precondition)}</DetailRow>
        <DetailRow name="Helped if">{visibleText(verification)}</DetailRow>
      </dl>
      {targets.length === 0 ? (
        <p className="border-line/60 border-t px-3 py-2 text-muted text-xs">
          There is nothing it could be used on now.
        </p>
      ) : (
        <ul className="divide-y divide-line/60 border-line/60 border-t" aria-label={`Targets of: ${title}`}>
          {shown.map((target) => (
            <TargetRow key={labelWords(target.target)} target={target} onWish={() => onWish(target)} />
          ))}
          {targets.length > TARGETS_SHOWN && (
            <li className="px-3 py-1">
              <Button size="small" look="ghost" aria-expanded={isAll} onClick={() => setAll(!isAll)}>
                {isAll ? 'Show fewer' : `Show all ${number(targets.length)}`}
              </Button>
            </li>
          )}
        </ul>
      )}
    </Card>
  );
}

function TargetRow({ target: { target, title, detail, blocked }, onWish }: { target: OpsTarget; onWish(): void }) {
  const cannot = useBlocked();
  return (
    <li className="flex items-center gap-2 px-3 py-1.5 text-xs">
      <div className="min-w-0 flex-1">
        <p dir="auto" title={labelWords(target)} className="one-line font-medium">
          {visibleText(title)}
        </p>
        {(blocked ?? detail) !== null && (
          <p className="text-[11px] text-muted [overflow-wrap:anywhere]">
            {localTimes(excerpt(blocked ?? detail ?? '', DETAIL_SHOWN))}
          </p>
        )}
      </div>
      <Button
        size="small"
        aria-label={`Do it: ${visibleText(title)}`}
        blocked={cannot ?? blocked ?? undefined}
        onClick={onWish}
      >
        Do it …
      </Button>
    </li>
  );
}
