/** What a message tells, whatever it is sent through. */
import type { OpsAlert, OpsDelivery, OpsSeverity } from '../../../../src-contract/index.ts';
import { isoTime } from '../../../clock.ts';
import type { DeliveryItem } from '../../records/documents.ts';
import { severityRank } from '../routing.ts';

/** Alerts that are told of one by one; of others their number. */
export const MOST_TOLD = 25;

export interface ToldAlert {
  about: DeliveryItem['about'];
  alert: OpsAlert;
  /** Where it is shown; left out where it is not known how people open Archon. */
  link?: string;
}

export type Message = { delivery_id: string; at: string; subject: string } & (
  | { kind: 'alerts'; about: OpsDelivery['about']; severity: OpsSeverity; alerts: readonly ToldAlert[] }
  | { kind: 'report'; html: string; text: string }
  | { kind: 'test'; channel: string }
);

export const TEST_TEXT = 'This is a test of Archon: alerts will reach you here.';

/** What a link says. */
export const LINK_TEXT = 'Open in Archon';

/**
 * Worst first, what is over last.
 *
 * @param page_url where people open Archon
 */
export function alertMessage(
  delivery_id: string,
  told: readonly ToldAlert[],
  { now_ms, page_url }: { now_ms: number; page_url: string | null },
): Message {
  const linked = told.map((one) => (page_url === null ? one : { ...one, link: linkTo(page_url, one.alert.id) }));
  const alerts = linked.sort(
    (a, b) =>
      Number(a.about === 'resolved') - Number(b.about === 'resolved') ||
      severityRank(b.alert.severity) - severityRank(a.alert.severity) ||
      a.alert.started_at.localeCompare(b.alert.started_at) ||
      a.alert.id.localeCompare(b.alert.id),
  );
  return {
    kind: 'alerts',
    delivery_id,
    at: isoTime(now_ms),
    about: aboutOf(told.map(({ about }) => about)),
    severity: severityOf(told),
    subject: subjectOf(alerts),
    alerts,
  };
}

/** A proxy may serve Archon below a path. */
function linkTo(page_url: string, alert_id: string): string {
  const base = new URL(page_url);
  base.pathname = base.pathname.replace(/\/*$/, '/');
  const link = new URL('ops-agent/alerts', base);
  link.searchParams.set('alert', alert_id);
  return link.href;
}

export function testMessage(delivery_id: string, channel: string, now_ms: number): Message {
  return { kind: 'test', delivery_id, at: isoTime(now_ms), subject: 'Archon: test of alerts', channel };
}

const ABOUT_ORDER = ['escalated', 'firing', 'repeat', 'resolved'] as const;

/** What a message is about that tells of several: what matters most. */
export function aboutOf(abouts: readonly DeliveryItem['about'][]): DeliveryItem['about'] {
  return ABOUT_ORDER.find((one) => abouts.includes(one)) ?? 'firing';
}

/** Of what fires; of all when everything is over. */
export function severityOf(told: readonly ToldAlert[]): OpsSeverity {
  const firing = told.filter(({ about }) => about !== 'resolved');
  return (firing.length > 0 ? firing : told).reduce<OpsSeverity>(
    (worst, { alert }) => (severityRank(alert.severity) > severityRank(worst) ? alert.severity : worst),
    'low',
  );
}

export function subjectOf(alerts: readonly ToldAlert[]): string {
  const [first] = alerts;
  if (first === undefined) return 'Archon';
  const what = first.about === 'resolved' ? 'Resolved' : WORDS[first.alert.severity];
  const rest = alerts.length - 1;
  return `[${what}] ${oneLine(first.alert.summary)}${rest === 0 ? '' : ` (and ${rest} more)`}`;
}

export const WORDS: Record<OpsSeverity, string> = { low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' };

/** How an alert is told of, in a word or two. */
export function stateWords({ about, alert }: ToldAlert): string {
  switch (about) {
    case 'firing':
      return WORDS[alert.severity];
    case 'repeat':
      return `${WORDS[alert.severity]}, still`;
    case 'escalated':
      return `${WORDS[alert.severity]}, escalated`;
    case 'resolved':
      return 'Resolved';
  }
}

/** What is worth knowing of an alert, as pairs. */
export function factsOf({ about, alert }: ToldAlert): [string, string][] {
  const facts: [string, string][] = [
    ['Rule', alert.rule_name],
    ...Object.entries(alert.labels).map(([label, value]): [string, string] => [label, value]),
    ['Since', timeWords(alert.started_at)],
  ];
  if (alert.value !== null) facts.push([about === 'resolved' ? 'Last value' : 'Value', valueWords(alert)]);
  if (about === 'resolved' && alert.ended_at !== null) facts.push(['Until', timeWords(alert.ended_at)]);
  if (alert.acknowledged !== null) facts.push(['Acknowledged by', alert.acknowledged.by]);
  return facts;
}

/** To the second: `2026-01-05 12:00:00 UTC`. */
const timeWords = (at: string): string => `${at.slice(0, 19).replace('T', ' ')} UTC`;
const valueWords = ({ signal, value, limit }: OpsAlert): string => `${signal} ${value} (limit ${limit})`;

export function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).toWellFormed()}…`;
}

/** For receivers that read Markdown: a label cannot say one address and lead to another. */
export const unlinked = (text: string): string => text.replaceAll('](', ']\\(');

const SUBJECT_LENGTH = 200;
const oneLine = (text: string): string => clipped(text.replaceAll(/\s+/g, ' ').trim(), SUBJECT_LENGTH);
