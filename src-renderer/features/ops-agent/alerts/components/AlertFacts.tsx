import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { OpsAlertDetail } from '../../../../../src-contract/index.ts';
import { OPS_SIGNALS } from '../../../../../src-contract/ops-signals.ts';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { DetailRow } from '../../../../ui/DetailRow.tsx';
import { plural } from '../../../../ui/format.ts';
import { exactTime } from '../../../../ui/moment.ts';
import { Ago } from '../../../../ui/Time.tsx';
import { ALERT_STATES } from '../../words/alert-states.ts';
import { LabelChips } from '../../words/LabelChips.tsx';
import { signalValue } from '../../words/signal-value.ts';
import { STATE_HELP } from '../model/alert-words.ts';
import { Lasting } from './Lasting.tsx';

const LINK = 'text-accent-text underline underline-offset-2';

/** What is known of an alert. */
export function AlertFacts({ alert }: { alert: OpsAlertDetail }) {
  const { cause, advice, acknowledged, silenced_by, inhibited_by, unknown_since, escalation, notify } = alert;
  const signal = OPS_SIGNALS[alert.signal];
  return (
    <div className="space-y-4">
      <p dir="auto" className="content-text text-[14px]">
        {visibleText(alert.summary)}
      </p>
      {cause !== null && <Told title="Root cause">{visibleText(cause)}</Told>}
      {advice !== null && <Told title="What to do">{visibleText(advice)}</Told>}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5">
        <DetailRow name="State">
          {ALERT_STATES[alert.state.state].label} <Lasting alert={alert} />
          <span className="block text-faint text-xs">{STATE_HELP[alert.state.state]}</span>
        </DetailRow>
        <DetailRow name="Value">
          {alert.value === null ? (
            <span className="text-faint">not observed</span>
          ) : (
            signalValue(alert.signal, alert.value)
          )}
          {unknown_since !== null && (
            <span className="block text-warn text-xs">
              Its monitor has told nothing since <Ago time={unknown_since} />: it stays as it was.
            </span>
          )}
        </DetailRow>
        <DetailRow name="Worst">
          {alert.worst === null ? <span className="text-faint">none</span> : signalValue(alert.signal, alert.worst)}
        </DetailRow>
        <DetailRow name="Limit">{signalValue(alert.signal, alert.limit)}</DetailRow>
        <DetailRow name="Signal">
          {signal.title} <span className="block text-faint text-xs">{signal.description}</span>
        </DetailRow>
        <DetailRow name="Labels">
          {Object.keys(alert.labels).length === 0 ? (
            <span className="text-faint">none</span>
          ) : (
            <LabelChips labels={alert.labels} />
          )}
        </DetailRow>
        <DetailRow name="Rule">
          <Link to="/ops-agent/rules" search={{ rule: alert.rule_id }} className={LINK}>
            {visibleText(alert.rule_name)}
          </Link>
        </DetailRow>
        <DetailRow name="Began">{exactTime(alert.started_at)}</DetailRow>
        {alert.ended_at !== null && <DetailRow name="Ended">{exactTime(alert.ended_at)}</DetailRow>}
        <DetailRow name="Fired">{plural(alert.fired, 'time')}</DetailRow>
        {escalation > 0 && <DetailRow name="Escalated">{plural(escalation, 'step')}</DetailRow>}
        {!notify && <DetailRow name="Sent">to nobody: its rule says so</DetailRow>}
        {acknowledged !== null && (
          <DetailRow name="Acknowledged">
            by {visibleText(acknowledged.by)}, <Ago time={acknowledged.at} />
            {acknowledged.note !== null && (
              <span dir="auto" className="content-text block text-muted">
                {visibleText(acknowledged.note)}
              </span>
            )}
          </DetailRow>
        )}
        {silenced_by !== null && (
          <DetailRow name="Silenced">
            <Link to="/ops-agent/alerts" search={{ view: 'silences' }} className={LINK}>
              by a silence that holds
            </Link>
          </DetailRow>
        )}
        {inhibited_by !== null && (
          <DetailRow name="Consequence">
            <Link to="/ops-agent/alerts" search={(before) => ({ ...before, alert: inhibited_by })} className={LINK}>
              of another alert, which is told instead
            </Link>
          </DetailRow>
        )}
        <DetailRow name="Id">
          <span className="-my-1 flex items-center gap-1">
            <span className="font-mono text-xs">{alert.id}</span>
            <CopyButton text={alert.id} what="Copy the id" />
          </span>
        </DetailRow>
      </dl>
    </div>
  );
}

function Told({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="space-y-0.5 rounded-md bg-raised px-3 py-2">
      <h4 className="font-semibold text-muted text-xs">{title}</h4>
      <p dir="auto" className="content-text whitespace-pre-wrap">
        {children}
      </p>
    </section>
  );
}
