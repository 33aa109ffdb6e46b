/** Why somebody is told, step by step, in words. */
import type { OpsAlert } from '../../../src-contract/index.ts';
import type { DeliveryItem } from '../records/documents.ts';

export function routingWhy(alert: OpsAlert, about: DeliveryItem['about'], channel_why: string): string[] {
  return [
    `“${alert.rule_name}”: ${alert.summary}`,
    aboutWords(alert, about),
    ...(about === 'resolved' ? [] : ['No silence holds for it, and it is not the consequence of another alert.']),
    channel_why,
  ];
}

function aboutWords(alert: OpsAlert, about: DeliveryItem['about']): string {
  switch (about) {
    case 'firing':
      return `${valueWords(alert)} It held for ${heldWords(alert)} before it fired.`;
    case 'repeat':
      return 'It still fires, and nobody has acknowledged it since it was last told of.';
    case 'escalated':
      return `Step ${alert.escalation} of its escalation was taken: it is ${alert.severity} now, and told of at once.`;
    case 'resolved':
      return 'It does not fire any more.';
  }
}

const valueWords = ({ signal, value, limit }: OpsAlert): string =>
  value === null ? `${signal} has the limit ${limit}.` : `${signal} was ${value}, its limit is ${limit}.`;

function heldWords({ started_at, state }: OpsAlert): string {
  const since = state.state === 'firing' ? state.since : started_at;
  return secondsWords(Math.max(0, Date.parse(since) - Date.parse(started_at)));
}

export function secondsWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
