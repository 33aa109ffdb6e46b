/** Tries the ways alerts go out by sending a message that says what it is. */
import { z } from 'zod';
import { type MailServer, sendMail } from '../../alerting/email.ts';
import { sendToSlack } from '../../alerting/slack.ts';
import { sendToWebhook } from '../../alerting/webhook.ts';
import { isoTime } from '../../clock.ts';
import {
  numberOf,
  type Passed,
  required,
  ServiceTestFailure,
  type ServiceTestOptions,
  type ServiceValues,
  secretOf,
  textOf,
} from './service-test.ts';

const TEXT = 'This is a test of Archon: alerts will reach you here.';
const DEFAULT_SMTP_PORT = 587;
const encryption = z.enum(['none', 'starttls', 'tls']).catch('starttls');

export async function testEmail(
  values: ServiceValues,
  { timeout_ms, signal, ca }: ServiceTestOptions,
): Promise<Passed> {
  const server: MailServer = {
    host: required(values, 'alerts.smtp_host', 'Enter the mail server first.'),
    port: numberOf(values, 'alerts.smtp_port') ?? DEFAULT_SMTP_PORT,
    tls: encryption.parse(values['alerts.smtp_tls']),
    username: textOf(values, 'alerts.smtp_username'),
    password: secretOf(values, 'alerts.smtp_password'),
    ca,
  };
  const from = required(values, 'alerts.email_from', 'Enter the address that mails are sent from first.');
  const to = recipients(values['alerts.email_to']);
  await sendMail(server, { from, to, subject: 'Archon: test of alerts', text: TEXT }, { timeout_ms, signal });
  return { message: `A mail was given to ${server.host} for ${to.join(', ')}: look whether it arrives.` };
}

export async function testSlack(values: ServiceValues, options: ServiceTestOptions): Promise<Passed> {
  const url = required(values, 'alerts.slack_url', 'Enter the URL of an incoming webhook of Slack first.');
  await sendToSlack(url, { text: TEXT }, boundsOf(values, options));
  return { message: 'Slack took the message: look into the channel.' };
}

export async function testWebhook(values: ServiceValues, options: ServiceTestOptions): Promise<Passed> {
  const url = required(values, 'alerts.webhook_url', 'Enter the URL of the webhook first.');
  const secret = secretOf(values, 'alerts.webhook_secret');
  const { now_ms } = options;
  const document = { type: 'test', at: isoTime(now_ms), message: TEXT };
  await sendToWebhook({ url, secret }, document, { ...boundsOf(values, options), now_ms });
  const signed = secret === null ? 'It was not signed: no secret is set.' : 'It was signed with the secret.';
  return { message: `The receiver took it. ${signed}` };
}

const boundsOf = (values: ServiceValues, { timeout_ms, signal, lookup }: ServiceTestOptions) => ({
  timeout_ms,
  signal,
  lookup,
  allow_private: values['events.webhooks_allow_private'] === true,
});

function recipients(value: ServiceValues[string]): string[] {
  const to = Array.isArray(value) ? value.filter((address) => address.trim() !== '') : [];
  if (to.length === 0) throw new ServiceTestFailure('Enter at least one recipient first.');
  return to;
}
