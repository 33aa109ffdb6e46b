/** What a report is made of besides its figures, a table for each. */
import type { ReactNode } from 'react';
import type { OpsReportData } from '../../../../../src-contract/index.ts';
import { Badge } from '../../../../ui/Badge.tsx';
import { Card } from '../../../../ui/Card.tsx';
import { cx } from '../../../../ui/classes.ts';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { duration, longDuration } from '../../../../ui/duration.ts';
import { dayAndClock, number } from '../../../../ui/format.ts';
import { AlertLink } from '../../words/AlertLink.tsx';
import { ACTION_STATES, REMEDIATORS } from '../../words/action-words.ts';
import { SeverityBadge } from '../../words/SeverityBadge.tsx';
import { unitValue } from '../../words/signal-value.ts';
import { ActionLink } from './ActionLink.tsx';

const NONE = '–';
const said = (text: string): string => localTimes(visibleText(text));
const seconds = (value: number | null): string => (value === null || value === 0 ? NONE : longDuration(value * 1000));

interface ReportColumn<T> {
  name: string;
  width?: string;
  isNumber?: boolean;
  cell(row: T): ReactNode;
}

interface ReportTableProps<T> {
  title: string;
  /** What is said when there is nothing in it. */
  empty: string;
  rows: readonly T[];
  keyOf(row: T): string;
  columns: readonly ReportColumn<T>[];
}

function ReportTable<T>({ title, empty, rows, keyOf, columns }: ReportTableProps<T>) {
  return (
    <Card title={rows.length === 0 ? title : `${title} (${number(rows.length)})`} aria-label={title}>
      {rows.length === 0 ? (
        <p className="px-3 py-2 text-muted text-xs">{empty}</p>
      ) : (
        <table className="w-full table-fixed text-left text-xs">
          <thead className="text-[11px] text-faint">
            <tr className="border-line border-b">
              {columns.map(({ name, width, isNumber }) => (
                <th key={name} scope="col" className={cx('px-3 py-1 font-normal', width, isNumber && 'text-right')}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={keyOf(row)} className="border-line/60 border-b align-top last:border-b-0">
                {columns.map(({ name, isNumber, cell }) => (
                  <td
                    key={name}
                    dir="auto"
                    className={cx('px-3 py-1 [overflow-wrap:anywhere]', isNumber && 'text-right tabular-nums')}
                  >
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

export function ReportTables({ data }: { data: OpsReportData }) {
  const { components, breakers, workers, errors, alerts, actions, recommendations } = data;
  return (
    <>
      <ReportTable
        title="Components"
        empty="No component was looked at."
        rows={components}
        keyOf={({ component }) => component}
        columns={[
          { name: 'Component', cell: ({ component }) => visibleText(component) },
          {
            name: 'Up',
            width: 'w-20',
            isNumber: true,
            cell: ({ uptime_percent }) => (uptime_percent === null ? NONE : unitValue('percent', uptime_percent)),
          },
          { name: 'Outages', width: 'w-20', isNumber: true, cell: ({ outages }) => number(outages) },
          {
            name: 'Longest',
            width: 'w-24',
            isNumber: true,
            cell: ({ longest_outage_seconds }) => seconds(longest_outage_seconds),
          },
          { name: 'Mean to end', width: 'w-24', isNumber: true, cell: ({ mttr_seconds }) => seconds(mttr_seconds) },
        ]}
      />
      <ReportTable
        title="Circuit breakers"
        empty="None opened."
        rows={breakers}
        keyOf={({ breaker }) => breaker}
        columns={[
          { name: 'Breaker', width: 'w-40', cell: ({ breaker }) => visibleText(breaker) },
          { name: 'Opened', width: 'w-20', isNumber: true, cell: ({ openings }) => number(openings) },
          { name: 'Open for', width: 'w-24', isNumber: true, cell: ({ open_seconds }) => seconds(open_seconds) },
          { name: 'Last error', cell: ({ last_error }) => (last_error === null ? NONE : said(last_error)) },
        ]}
      />
      <ReportTable
        title="Workers"
        empty="No worker ran."
        rows={workers}
        keyOf={({ worker }) => worker}
        columns={[
          { name: 'Worker', cell: ({ worker }) => visibleText(worker) },
          { name: 'Runs', width: 'w-20', isNumber: true, cell: ({ runs }) => number(runs) },
          { name: 'Failed', width: 'w-20', isNumber: true, cell: ({ failures }) => number(failures) },
          { name: 'Restarts', width: 'w-20', isNumber: true, cell: ({ restarts }) => number(restarts) },
          {
            name: 'Mean run',
            width: 'w-24',
            isNumber: true,
            cell: ({ mean_ms }) => (mean_ms === null ? NONE : duration(mean_ms)),
          },
        ]}
      />
      <ReportTable
        title="Alerts"
        empty="None fired."
        rows={alerts}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Severity', width: 'w-24', cell: ({ severity }) => <SeverityBadge severity={severity} /> },
          {
            name: 'Alert',
            cell: ({ id, summary, rule_name }) => (
              <>
                <AlertLink alert_id={id}>{visibleText(rule_name)}</AlertLink>: {said(summary)}
              </>
            ),
          },
          { name: 'Began', width: 'w-36', cell: ({ started_at }) => dayAndClock(started_at) },
          {
            name: 'Lasted',
            width: 'w-24',
            isNumber: true,
            cell: ({ started_at, ended_at }) =>
              ended_at === null ? 'goes on' : longDuration(Date.parse(ended_at) - Date.parse(started_at)),
          },
        ]}
      />
      <ReportTable
        title="Actions"
        empty="Nothing had to be done."
        rows={actions}
        keyOf={({ id }) => id}
        columns={[
          {
            name: 'Action',
            width: 'w-44',
            cell: ({ id, remediator }) => <ActionLink action_id={id}>{titleOf(remediator)}</ActionLink>,
          },
          { name: 'Cause', cell: ({ cause }) => said(cause) },
          {
            name: 'Outcome',
            cell: ({ state, outcome }) => (
              <>
                <StateName state={state} /> {outcome !== null && said(outcome)}
              </>
            ),
          },
          {
            name: 'Took',
            width: 'w-20',
            isNumber: true,
            cell: ({ duration_ms }) => (duration_ms === null ? NONE : duration(duration_ms)),
          },
        ]}
      />
      <ReportTable
        title="Top errors"
        empty="The log has no errors of this time."
        rows={errors}
        keyOf={({ message, component }) => `${component} ${message}`}
        columns={[
          { name: 'Message', cell: ({ message }) => said(message) },
          { name: 'Component', width: 'w-32', cell: ({ component }) => visibleText(component) },
          { name: 'Times', width: 'w-20', isNumber: true, cell: ({ count }) => number(count) },
          { name: 'Last', width: 'w-36', cell: ({ last_at }) => dayAndClock(last_at) },
        ]}
      />
      <ReportTable
        title="Recommendations"
        empty="There were none."
        rows={recommendations}
        keyOf={({ title, detail }) => `${title} ${detail}`}
        columns={[
          { name: 'Impact', width: 'w-20', cell: ({ impact }) => visibleText(impact) },
          {
            name: 'Recommendation',
            cell: ({ title, detail }) => (
              <>
                <span className="font-medium">{visibleText(title)}</span>{' '}
                <span className="text-muted">{said(detail)}</span>
              </>
            ),
          },
        ]}
      />
    </>
  );
}

/** A report is kept for longer than the names of a version: what is not known any more stands as it was written. */
const titleOf = (remediator: string): string =>
  Object.entries(REMEDIATORS).find(([name]) => name === remediator)?.[1] ?? visibleText(remediator);

function StateName({ state }: { state: string }) {
  const known = Object.entries(ACTION_STATES).find(([name]) => name === state)?.[1];
  return <Badge tone={known?.tone ?? 'plain'}>{known?.label ?? visibleText(state)}</Badge>;
}
