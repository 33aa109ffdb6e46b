/** What an action would do, without doing it. */
import { useQuery } from '@tanstack/react-query';
import { CircleAlert, ShieldCheck, TriangleAlert } from 'lucide-react';
import type { OpsAction, OpsLabels, OpsRemediatorName } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { cx } from '../../../../ui/classes.ts';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import { RISKS } from '../../words/action-words.ts';
import { LabelChips } from '../../words/LabelChips.tsx';
import { Facts } from './FactsTable.tsx';

export interface ActionWhat {
  remediator: OpsRemediatorName;
  target: OpsLabels;
}

/** Asked anew each time: what was so a minute ago may not be so any more. */
export const usePreview = ({ remediator, target }: ActionWhat) =>
  useQuery(api.opsActions.preview.queryOptions({ input: { remediator, target }, staleTime: 0, gcTime: 0 }));

export function Preview({ query, target }: { query: ReturnType<typeof usePreview>; target: OpsLabels }) {
  if (query.isPending) return <SkeletonRows rows={3} className="p-0" />;
  if (query.data === undefined) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const { what, facts, risk, blocked } = query.data;
  return (
    <div className="space-y-3">
      <p dir="auto" className="[overflow-wrap:anywhere]">
        {localTimes(visibleText(what))}
      </p>
      <LabelChips labels={target} />
      {facts.length > 0 && (
        <section aria-label="As it is now" className="rounded-md border border-line bg-bg p-2.5">
          <Facts facts={facts} />
        </section>
      )}
      <Risk risk={risk} />
      {blocked !== null && (
        <p role="alert" className="text-bad [overflow-wrap:anywhere]">
          It cannot be done now: {localTimes(visibleText(blocked))}
        </p>
      )}
    </div>
  );
}

const RISK_LOOKS = {
  none: { Icon: ShieldCheck, box: 'border-line bg-raised', text: 'text-ok', words: 'Nothing else notices.' },
  low: { Icon: ShieldCheck, box: 'border-line bg-raised', text: 'text-muted', words: 'Others hardly notice.' },
  medium: {
    Icon: TriangleAlert,
    box: 'border-warn/40 bg-warn/10',
    text: 'text-warn',
    words: 'Others may notice: what is under way may be interrupted or slower.',
  },
  high: {
    Icon: CircleAlert,
    box: 'border-bad/40 bg-bad-soft',
    text: 'text-bad',
    words: 'Others will notice, and it cannot simply be undone.',
  },
} as const;

function Risk({ risk }: Pick<OpsAction, 'risk'>) {
  const { Icon, box, text, words } = RISK_LOOKS[risk];
  return (
    <p className={cx('flex items-center gap-2 rounded-md border px-2.5 py-1.5 text-xs', box)}>
      <Icon aria-hidden="true" className={cx('size-4 shrink-0', text)} />
      <span>
        <strong className="font-medium">{RISKS[risk].label}.</strong> {words}
      </span>
    </p>
  );
}
