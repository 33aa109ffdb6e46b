/** A message in the form that a receiver of webhooks takes: one body for each request that is made. */
import { assertNever } from '../../../errors.ts';
import type { WebhookPreset } from '../channel.ts';
import { alertmanagerBody } from './alertmanager-body.ts';
import { discordBody } from './discord-body.ts';
import { type Message, TEST_TEXT } from './message.ts';
import { pagerdutyBodies } from './pagerduty-bodies.ts';
import { plainText } from './plain-text.ts';
import { teamsBody } from './teams-body.ts';
import { templateBody } from './template-body.ts';

export interface BodyOptions {
  template: string | null;
  /** For PagerDuty its routing key. */
  secret: string | null;
  /** Milliseconds until an alert that goes on firing is told of again; 0: never. */
  repeat_ms: number;
}

/** Systems that keep alerts, not messages. */
export const takesReports = (preset: WebhookPreset): boolean => preset !== 'pagerduty' && preset !== 'alertmanager';

export function webhookBodies(preset: WebhookPreset, message: Message, options: BodyOptions): string[] {
  switch (preset) {
    case 'archon':
      return [JSON.stringify(archonBody(message))];
    case 'discord':
      return [JSON.stringify(discordBody(message))];
    case 'teams':
      return [JSON.stringify(teamsBody(message))];
    case 'pagerduty':
      return pagerdutyBodies(message, options.secret ?? '').map((body) => JSON.stringify(body));
    case 'alertmanager':
      return [JSON.stringify(alertmanagerBody(message, options.repeat_ms))];
    case 'template':
      return [templateBody(options.template ?? '', message)];
    default:
      return assertNever(preset);
  }
}

/** Documented in `docs/user/ops-channels.md`; members are added, never changed. */
function archonBody(message: Message): object {
  const head = { id: message.delivery_id, at: message.at };
  switch (message.kind) {
    case 'test':
      return { type: 'test', ...head, message: TEST_TEXT, channel: message.channel };
    case 'report':
      return { type: 'report', ...head, subject: message.subject, text: plainText(message), html: message.html };
    case 'alerts':
      return {
        type: 'alerts',
        ...head,
        about: message.about,
        severity: message.severity,
        subject: message.subject,
        text: plainText(message),
        alerts: message.alerts.map((told) => ({
          id: told.alert.id,
          fingerprint: told.alert.fingerprint,
          status: told.about === 'resolved' ? 'resolved' : 'firing',
          about: told.about,
          rule: told.alert.rule_id,
          rule_name: told.alert.rule_name,
          severity: told.alert.severity,
          summary: told.alert.summary,
          labels: told.alert.labels,
          signal: told.alert.signal,
          value: told.alert.value,
          limit: told.alert.limit,
          cause: told.alert.cause,
          advice: told.alert.advice,
          started_at: told.alert.started_at,
          ended_at: told.alert.ended_at,
          acknowledged_by: told.alert.acknowledged?.by ?? null,
          link: told.link ?? null,
        })),
      };
  }
}
