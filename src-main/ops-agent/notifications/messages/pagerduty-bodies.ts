/**
 * A message as events of PagerDuty (Events API v2): one for each alert, known again by its `dedup_key`, so that what is
 * sent twice is one incident. https://developer.pagerduty.com/docs/events-api-v2/trigger-events/
 */
import type { OpsSeverity } from '../../../../src-contract/index.ts';
import { clipped, factsOf, LINK_TEXT, type Message, type ToldAlert } from './message.ts';

export const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';

const MOST_SUMMARY = 1024;
const MOST_KEY = 255;
const MOST_DETAIL = 4000;
const SEVERITIES: Record<OpsSeverity, 'critical' | 'error' | 'warning' | 'info'> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
};

export function pagerdutyBodies(message: Message, routing_key: string): object[] {
  switch (message.kind) {
    case 'report':
      return [];
    case 'test': {
      // Ended at once: nobody is woken for longer than that.
      const head = { routing_key, dedup_key: keyOf(message.delivery_id) };
      const payload = {
        summary: 'Test of alerts of Archon',
        source: 'archon',
        severity: 'info',
        timestamp: message.at,
      };
      return [
        { ...head, event_action: 'trigger', payload },
        { ...head, event_action: 'resolve' },
      ];
    }
    case 'alerts':
      return message.alerts.map((told) => eventOf(told, routing_key));
  }
}

function eventOf(told: ToldAlert, routing_key: string): object {
  const { alert, about } = told;
  const head = { routing_key, dedup_key: keyOf(alert.id) };
  if (about === 'resolved') return { ...head, event_action: 'resolve' };
  return {
    ...head,
    event_action: 'trigger',
    client: 'Archon',
    ...(told.link === undefined ? {} : { client_url: told.link, links: [{ href: told.link, text: LINK_TEXT }] }),
    payload: {
      summary: clipped(alert.summary, MOST_SUMMARY),
      source: alert.labels.node ?? 'archon',
      severity: SEVERITIES[alert.severity],
      timestamp: alert.started_at,
      component: alert.labels.component ?? alert.labels.breaker ?? alert.labels.worker ?? alert.signal,
      group: 'archon',
      class: alert.rule_id,
      custom_details: {
        ...Object.fromEntries(factsOf(told)),
        ...(alert.cause === null ? {} : { Cause: clipped(alert.cause, MOST_DETAIL) }),
        ...(alert.advice === null ? {} : { 'What to do': clipped(alert.advice, MOST_DETAIL) }),
      },
    },
  };
}

const keyOf = (id: string): string => clipped(`archon-${id}`, MOST_KEY);
