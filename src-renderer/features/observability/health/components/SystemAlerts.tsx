/** Every warning there is now, the worst first, with the way to what explains it. */
import { Link } from '@tanstack/react-router';
import { CircleAlert, TriangleAlert } from 'lucide-react';
import { Card } from '../../../../ui/Card.tsx';
import { excerpt, visibleText } from '../../../../ui/content/visible-text.ts';
import { plural } from '../../../../ui/format.ts';
import { hashOf, searchOf } from '../model/alert-links.ts';
import { type Alert, alertPast, alertTitle } from '../model/alerts.ts';
import { AlertLinks } from './AlertLinks.tsx';
import { Since } from './Since.tsx';

const ERROR_SHOWN = 300;
const LOOKS = {
  bad: { Icon: CircleAlert, text: 'text-bad', word: 'Error' },
  warn: { Icon: TriangleAlert, text: 'text-warn', word: 'Warning' },
} as const;

export function SystemAlerts({ alerts, isCurrent }: { alerts: readonly Alert[]; isCurrent: boolean }) {
  return (
    <Card aria-label="Warnings" title={titleOf(alerts.length, isCurrent)}>
      {alerts.length > 0 && (
        <ul className="divide-y divide-line">
          {alerts.map((alert) => (
            <AlertRow key={alert.key} alert={alert} isCurrent={isCurrent} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function titleOf(count: number, isCurrent: boolean): string {
  if (!isCurrent)
    return count === 0 ? 'There were no warnings' : `There ${count === 1 ? 'was' : 'were'} ${plural(count, 'warning')}`;
  return count === 0 ? 'No warnings' : plural(count, 'warning');
}

function AlertRow({ alert, isCurrent }: { alert: Alert; isCurrent: boolean }) {
  const { Icon, text, word } = LOOKS[alert.severity];
  const { since, effects, error, advice, place } = alert;
  return (
    <li className="flex gap-2 px-3 py-2">
      <Icon aria-label={word} className={`mt-0.5 size-4 shrink-0 ${isCurrent ? text : 'text-muted'}`} />
      <div className="min-w-0 flex-1 space-y-0.5 [overflow-wrap:anywhere]">
        <p>
          <Link
            to="/observability"
            search={searchOf(place)}
            hash={hashOf(place)}
            className="font-medium underline decoration-line-strong underline-offset-2 hover:decoration-current"
          >
            {visibleText(isCurrent ? alertTitle(alert) : alertPast(alert))}
          </Link>
          {effects.length > 0 && <span>: {effects.join(', ')}</span>}
          {since !== undefined && (
            <span className="text-muted text-xs">
              {' '}
              · since <Since time={since} />
            </span>
          )}
        </p>
        {error !== undefined && (
          <p title={excerpt(error, ERROR_SHOWN)} className="one-line text-bad text-xs">
            {excerpt(error, ERROR_SHOWN)}
          </p>
        )}
        {advice !== undefined && <p className="text-muted text-xs">{visibleText(advice)}</p>}
        <AlertLinks alert={alert} />
      </div>
    </li>
  );
}
