/** The alerts that fire now, the worst first: the page of the alerts has all of them. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { OpsAlert } from '../../../../../src-contract/index.ts';
import { OPS_SEVERITIES } from '../../../../../src-contract/ops-rules.ts';
import { api } from '../../../../rpc/client.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Card } from '../../../../ui/Card.tsx';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { number } from '../../../../ui/format.ts';
import { ErrorState, SkeletonRows, StaleNotice } from '../../../../ui/states.tsx';
import { Ago } from '../../../../ui/Time.tsx';
import { useLive } from '../../views/use-live.ts';
import { AlertLink } from '../../words/AlertLink.tsx';
import { LabelChips } from '../../words/LabelChips.tsx';
import { SeverityBadge } from '../../words/SeverityBadge.tsx';

const EVERY_MS = 30_000;
/** The worst of these are shown: as many as are read at once. */
const MOST = 500;
const SHOWN = 5;

export function FiringCard() {
  const query = useQuery(
    api.opsAlerts.list.queryOptions({ input: { states: ['firing', 'clearing'], limit: MOST }, ...useLive(EVERY_MS) }),
  );
  const count = query.data?.active.firing;
  const alerts = query.data?.items.toSorted((one, other) => rank(other) - rank(one)) ?? [];
  // All that fire are counted, also those beyond the page that was read.
  const rest = Math.max(count ?? 0, alerts.length) - SHOWN;
  return (
    <Card
      title={count === undefined ? 'Alerts that fire' : `Alerts that fire (${number(count)})`}
      aria-label="Alerts that fire"
      actions={
        <Link to="/ops-agent/alerts" className="text-accent-text text-xs underline underline-offset-2">
          All alerts
        </Link>
      }
    >
      {query.error && query.data && (
        <div className="p-2">
          <StaleNotice error={query.error} onRetry={() => void query.refetch()} />
        </div>
      )}
      {query.data === undefined ? (
        query.isPending ? (
          <SkeletonRows rows={2} />
        ) : (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        )
      ) : alerts.length === 0 ? (
        <p className="p-3 text-muted">None. What is wrong appears here by itself.</p>
      ) : (
        <ul className="divide-y divide-line/60">
          {alerts.slice(0, SHOWN).map((alert) => (
            <FiringRow key={alert.id} alert={alert} />
          ))}
          {rest > 0 && <li className="px-3 py-1.5 text-muted text-xs">and {number(rest)} more</li>}
        </ul>
      )}
    </Card>
  );
}

const rank = ({ severity }: OpsAlert): number => OPS_SEVERITIES.indexOf(severity);
const SUMMARY_SHOWN = 300;

function FiringRow({ alert }: { alert: OpsAlert }) {
  return (
    <li className="flex items-start gap-2 px-3 py-1.5 text-xs">
      <SeverityBadge severity={alert.severity} className="w-16 shrink-0 text-center" />
      <div className="min-w-0 flex-1 space-y-0.5">
        <p className="line-clamp-2">
          <AlertLink alert_id={alert.id}>{localTimes(excerpt(alert.summary, SUMMARY_SHOWN))}</AlertLink>
        </p>
        <p className="flex flex-wrap items-center gap-1.5 text-muted">
          <LabelChips labels={alert.labels} />
          <Notes alert={alert} />
        </p>
      </div>
      <Ago time={alert.started_at} className="shrink-0 text-muted" />
    </li>
  );
}

function Notes({ alert: { acknowledged, silenced_by, inhibited_by } }: { alert: OpsAlert }) {
  return (
    <>
      {acknowledged !== null && <Badge tone="ok">Acknowledged</Badge>}
      {silenced_by !== null && <Badge>Silenced</Badge>}
      {inhibited_by !== null && <Badge>A consequence</Badge>}
    </>
  );
}
