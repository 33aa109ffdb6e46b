/** What is said of alerts. Pure; the present is given. */
import type { OpsAlert, OpsAlertState, OpsTimelineEntry } from '../../../../../src-contract/index.ts';
import { OPS_SIGNALS } from '../../../../../src-contract/ops-signals.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { longDuration } from '../../../../ui/duration.ts';
import { fullTime } from '../../../../ui/format.ts';
import { ALERT_STATES } from '../../words/alert-states.ts';
import { labelWords } from '../../words/labels.ts';
import { signalValue } from '../../words/signal-value.ts';

type AlertStateName = OpsAlertState['state'];

export const STATE_HELP: Readonly<Record<AlertStateName, string>> = {
  pending: 'It holds, but not for long enough to fire.',
  firing: 'Something is wrong.',
  clearing: 'It does not hold any more; it is resolved once that has lasted.',
  resolved: 'It is over.',
};

export const isOver = ({ state }: Pick<OpsAlert, 'state'>): boolean => state.state === 'resolved';

const span = (from: string, to_ms: number): string => longDuration(Math.max(0, to_ms - Date.parse(from)));

/** `for 3 min 4 s`, `fired for 2 h`. */
export function lastsWords({ state, started_at }: Pick<OpsAlert, 'state' | 'started_at'>, now_ms: number): string {
  switch (state.state) {
    case 'pending':
      return `for ${span(state.since, now_ms)}`;
    case 'firing':
      return `for ${span(state.since, now_ms)}`;
    case 'clearing':
      return `clear for ${span(state.clear_since, now_ms)}`;
    case 'resolved':
      return state.since === null
        ? `never fired, held for ${span(started_at, Date.parse(state.at))}`
        : `fired for ${span(state.since, Date.parse(state.at))}`;
  }
}

/** What keeps it from being told, or who is at it; the most telling first. */
export function marksOf(alert: OpsAlert): string[] {
  const { acknowledged, silenced_by, inhibited_by, unknown_since, notify, fired, escalation } = alert;
  return [
    acknowledged === null ? '' : `${visibleText(acknowledged.by)} is at it`,
    silenced_by === null ? '' : 'silenced',
    inhibited_by === null ? '' : 'a consequence',
    escalation > 0 && !isOver(alert) ? 'escalated' : '',
    unknown_since === null || isOver(alert) ? '' : 'not observed',
    notify ? '' : 'not sent',
    fired > 1 ? `fired ${fired} times` : '',
  ].filter((mark) => mark !== '');
}

/** `512 ms, worst 830 ms; the limit is 500 ms`. */
export function valueWords({ signal, value, worst, limit }: OpsAlert): string {
  const now = value === null ? 'not observed' : signalValue(signal, value);
  const most = worst === null || worst === value ? '' : `, worst ${signalValue(signal, worst)}`;
  return `${now}${most}; the limit is ${signalValue(signal, limit)}`;
}

/** What somebody is told who does not see the page. */
export function alertText(alert: OpsAlert): string {
  const lines = [
    `[${alert.severity}] ${alert.summary}`,
    `${ALERT_STATES[alert.state.state].label}, since ${fullTime(alert.started_at)}${alert.ended_at === null ? '' : `, until ${fullTime(alert.ended_at)}`}`,
    `${OPS_SIGNALS[alert.signal].title}: ${valueWords(alert)}`,
    Object.keys(alert.labels).length === 0 ? '' : labelWords(alert.labels),
    alert.cause === null ? '' : `Cause: ${alert.cause}`,
    alert.advice === null ? '' : `Advice: ${alert.advice}`,
    `Rule: ${alert.rule_name} (${alert.rule_id}), alert ${alert.id}`,
  ];
  return lines.filter((line) => line !== '').join('\n');
}

export const TIMELINE: Readonly<Record<OpsTimelineEntry['kind'], { label: string; dot: string }>> = {
  pending: { label: 'Began', dot: 'bg-faint' },
  fired: { label: 'Fired', dot: 'bg-bad' },
  clearing: { label: 'Clearing', dot: 'bg-warn' },
  fired_again: { label: 'Fired again', dot: 'bg-bad' },
  resolved: { label: 'Resolved', dot: 'bg-ok' },
  notified: { label: 'Told', dot: 'bg-accent-text' },
  not_notified: { label: 'Not told', dot: 'bg-faint' },
  acknowledged: { label: 'Acknowledged', dot: 'bg-session' },
  unacknowledged: { label: 'Taken back', dot: 'bg-session' },
  noted: { label: 'Note', dot: 'bg-session' },
  silenced: { label: 'Silenced', dot: 'bg-faint' },
  inhibited: { label: 'A consequence', dot: 'bg-faint' },
  action: { label: 'Action', dot: 'bg-accent-text' },
  escalated: { label: 'Escalated', dot: 'bg-warn' },
};
