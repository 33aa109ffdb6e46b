/**
 * A message as alerts of a Prometheus Alertmanager: the list that `/api/v2/alerts` takes, known again by their labels
 * (https://prometheus.io/docs/alerting/latest/alerts_api/).
 *
 * It takes an alert for resolved that is not sent again for five minutes, unless it says when it ends. As Archon tells of
 * what goes on only after hours, `endsAt` of what fires lies after that.
 */
import { OPS_SEVERITIES, type OpsSeverity } from '../../../../src-contract/index.ts';
import { isoTime } from '../../../clock.ts';
import { severityRank } from '../routing.ts';
import type { Message, ToldAlert } from './message.ts';

const TEST_MS = 60_000;
const HOUR_MS = 3600_000;
const NEVER_REPEATED_MS = 7 * 24 * HOUR_MS;

interface PostableAlert {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  generatorURL?: string;
}

export function alertmanagerBody(message: Message, repeat_ms: number): PostableAlert[] {
  const at_ms = Date.parse(message.at);
  switch (message.kind) {
    case 'report':
      return [];
    case 'test':
      return [
        {
          labels: { alertname: 'ArchonTest', severity: 'low', source: 'archon' },
          annotations: { summary: 'This is a test of Archon.', channel: message.channel },
          startsAt: message.at,
          endsAt: isoTime(at_ms + TEST_MS),
        },
      ];
    case 'alerts': {
      const until = isoTime(at_ms + (repeat_ms === 0 ? NEVER_REPEATED_MS : repeat_ms * 2 + HOUR_MS));
      return message.alerts.flatMap((told) => alertsOf(told, { at: message.at, until }));
    }
  }
}

/** An alert that was escalated is another one there, as its labels are others: what it was before ends. */
function alertsOf({ alert, about, link }: ToldAlert, { at, until }: { at: string; until: string }): PostableAlert[] {
  const annotations: Record<string, string> = { summary: alert.summary };
  if (alert.cause !== null) annotations.cause = alert.cause;
  if (alert.advice !== null) annotations.description = alert.advice;
  if (alert.value !== null) annotations.value = String(alert.value);
  const as = (severity: OpsSeverity, endsAt: string): PostableAlert => ({
    labels: labelsOf(alert, severity),
    annotations,
    startsAt: alert.started_at,
    endsAt,
    ...(link === undefined ? {} : { generatorURL: link }),
  });
  const ended = alert.ended_at ?? at;
  const before = alert.escalation === 0 ? [] : OPS_SEVERITIES.slice(0, severityRank(alert.severity));
  return [
    as(alert.severity, about === 'resolved' ? ended : until),
    ...before.map((severity) => as(severity, about === 'resolved' ? ended : at)),
  ];
}

function labelsOf(alert: ToldAlert['alert'], severity: OpsSeverity): Record<string, string> {
  const own = Object.entries(alert.labels)
    .filter(([, value]) => value !== '')
    .map(([label, value]) => [labelName(label), value] as const);
  return { ...Object.fromEntries(own), alertname: alert.rule_id, severity, source: 'archon', signal: alert.signal };
}

/** As every version of Alertmanager takes it. */
const labelName = (label: string): string => label.replaceAll(/[^\w]/g, '_').replace(/^(?=\d)/, '_');
