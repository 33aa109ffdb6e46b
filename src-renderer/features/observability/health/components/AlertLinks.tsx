/** Ways to what explains a warning: events, logs, figures. */
import { Link } from '@tanstack/react-router';
import { LAST_HOUR, logsSearchOf } from '../model/alert-links.ts';
import type { Alert } from '../model/alerts.ts';

const LINK = 'rounded text-accent-text underline underline-offset-2 hover:no-underline';

export function AlertLinks({ alert }: { alert: Pick<Alert, 'place' | 'events'> }) {
  const logs = logsSearchOf(alert);
  return (
    <span className="flex flex-wrap gap-x-3 text-xs">
      <Link to="/events" search={{ type: [...alert.events] }} className={LINK}>
        Events
      </Link>
      <Link to="/observability/logs" search={logs} className={LINK}>
        Logs
      </Link>
      <Link to="/observability/metrics" search={LAST_HOUR} className={LINK}>
        Metrics of the last hour
      </Link>
    </span>
  );
}
