/** Who is told when something is wrong, how, and from when on. */
import { z } from 'zod';
import { emailAddresses, settingsOf, urlWith } from './define.ts';

const { toggle, number, choice, text, list, secret } = settingsOf('alerts', 'org');
const http = urlWith(['http:', 'https:']);

export const ALERT_KEYS = {
  'alerts.email_enabled': toggle('ARCHON_ALERTS_EMAIL_ENABLED', false, ['E-mail', 'Send alerts as e-mail.']),
  'alerts.email_to': list(
    'ARCHON_ALERTS_EMAIL_TO',
    'e-mail address',
    ['Recipients', 'Addresses that alerts are sent to.'],
    { schema: emailAddresses },
  ),
  'alerts.email_from': text('ARCHON_ALERTS_EMAIL_FROM', ['Sender', 'Address that alerts are sent from.'], {
    format: 'email',
    schema: z.email().nullable(),
  }),
  'alerts.smtp_host': text('ARCHON_ALERTS_SMTP_HOST', ['Mail server', 'Host of the mail server.'], {
    schema: z
      .string()
      .regex(/^[^\s/@]{1,253}$/)
      .nullable()
      .describe('the name or the address of a host'),
  }),
  'alerts.smtp_port': number('ARCHON_ALERTS_SMTP_PORT', 587, { min: 1, max: 65_535 }, [
    'Port of the mail server',
    'Port of the mail server.',
  ]),
  'alerts.smtp_tls': choice(
    'ARCHON_ALERTS_SMTP_TLS',
    'starttls',
    { none: 'None', starttls: 'STARTTLS', tls: 'TLS from the start' },
    [
      'Encryption to the mail server',
      'TLS to the mail server: none, starttls (usual for port 587) or tls (usual for port 465).',
    ],
    { risk: 'Without TLS the password and the alerts can be read on the way.' },
  ),
  'alerts.smtp_username': text('ARCHON_ALERTS_SMTP_USERNAME', [
    'User',
    'User at the mail server, when it asks for one.',
  ]),
  'alerts.smtp_password': secret('ARCHON_ALERTS_SMTP_PASSWORD', ['Password', 'Password at the mail server.']),
  'alerts.slack_enabled': toggle('ARCHON_ALERTS_SLACK_ENABLED', false, ['Slack', 'Send alerts to a Slack channel.']),
  'alerts.slack_url': secret(
    'ARCHON_ALERTS_SLACK_URL',
    ['Webhook of Slack', 'Incoming webhook of the channel: its URL is the secret.'],
    { schema: http },
  ),
  'alerts.webhook_enabled': toggle('ARCHON_ALERTS_WEBHOOK_ENABLED', false, ['Webhook', 'Send alerts to a webhook.']),
  'alerts.webhook_url': text('ARCHON_ALERTS_WEBHOOK_URL', ['URL of the webhook', 'URL that alerts are posted to.'], {
    format: 'url',
    schema: http,
  }),
  'alerts.webhook_secret': secret('ARCHON_ALERTS_WEBHOOK_SECRET', [
    'Secret of the webhook',
    'Secret that alerts are signed with, so that the receiver knows who sent them.',
  ]),
  'alerts.page_url': text(
    'ARCHON_ALERTS_PAGE_URL',
    [
      'Address of this page',
      'Address at which people open Archon in a browser, such as https://archon.example.com; messages link to their alert there.',
    ],
    { format: 'url', schema: http },
  ),
  'alerts.dead_letters_above': number(
    'ARCHON_ALERTS_DEAD_LETTERS_ABOVE',
    100,
    { min: 0, max: 1_000_000, unit: 'dead letters' },
    ['Dead letters: warning', 'Dead letters above which there is a warning.'],
  ),
  'alerts.dead_letters_critical_above': number(
    'ARCHON_ALERTS_DEAD_LETTERS_CRITICAL_ABOVE',
    500,
    { min: 0, max: 1_000_000, unit: 'dead letters' },
    ['Dead letters: critical', 'Dead letters above which it is critical.'],
  ),
  'alerts.breaker_open_minutes': number(
    'ARCHON_ALERTS_BREAKER_OPEN_MINUTES',
    5,
    { min: 1, max: 1440, unit: 'minutes' },
    ['Circuit breaker open for', 'Minutes a circuit breaker is open after which there is an alert.'],
  ),
  'alerts.worker_crashes_above': number(
    'ARCHON_ALERTS_WORKER_CRASHES_ABOVE',
    3,
    { min: 0, max: 1000, unit: 'crashes an hour' },
    ['Crashes of workers', 'Crashes of workers in an hour above which there is an alert.'],
  ),
  'alerts.latency_p95_ms': number('ARCHON_ALERTS_LATENCY_P95_MS', 500, { min: 10, max: 60_000, unit: 'ms' }, [
    'Slow answers',
    'Milliseconds within which 95 of 100 requests are answered; above there is an alert.',
  ]),
  'alerts.disk_percent': number('ARCHON_ALERTS_DISK_PERCENT', 85, { min: 1, max: 100, unit: '%', step: 1 }, [
    'Disk in use',
    'Percent of the disk in use above which there is an alert.',
  ]),
  'alerts.memory_percent': number('ARCHON_ALERTS_MEMORY_PERCENT', 85, { min: 1, max: 100, unit: '%', step: 1 }, [
    'Main memory in use',
    'Percent of the main memory in use above which there is an alert.',
  ]),
  'alerts.group_wait_seconds': number('ARCHON_ALERTS_GROUP_WAIT_SECONDS', 30, { min: 0, max: 3600, unit: 'seconds' }, [
    'Wait before telling',
    'Seconds an alert waits for others before it is sent with them; one that is resolved by then is not sent.',
  ]),
  'alerts.group_interval_minutes': number(
    'ARCHON_ALERTS_GROUP_INTERVAL_MINUTES',
    5,
    { min: 1, max: 1440, unit: 'minutes' },
    ['Pause between messages', 'Minutes before more about alerts that were told of together is sent.'],
  ),
  'alerts.repeat_hours': number('ARCHON_ALERTS_REPEAT_HOURS', 4, { min: 0, max: 168, unit: 'hours' }, [
    'Told again after',
    'Hours after which an alert that still fires and that nobody has acknowledged is sent again; 0 for never.',
  ]),
};
