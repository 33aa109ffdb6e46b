/** Sends one message through one channel, once, bounded in time. */
import { sendMail } from '../../alerting/email.ts';
import { SendFailure } from '../../alerting/send-failure.ts';
import { sendToSlack } from '../../alerting/slack.ts';
import { postSigned, secretsOfUrl } from '../../alerting/webhook.ts';
import { assertNever } from '../../errors.ts';
import type { DesktopNote } from '../parts.ts';
import type { ChannelRoute } from './channel.ts';
import { htmlMail } from './messages/html-mail.ts';
import { type Message, TEST_TEXT } from './messages/message.ts';
import { plainText } from './messages/plain-text.ts';
import { slackMessage } from './messages/slack-blocks.ts';
import { takesReports, webhookBodies } from './messages/webhook-bodies.ts';
import { ATTEMPT_MS } from './timing.ts';

export interface SendOptions {
  now_ms: number;
  /** Whether webhooks may lead to addresses of this computer and its network. */
  allow_private: boolean;
  repeat_ms: number;
  signal?: AbortSignal | undefined;
}

/** For tests. */
export interface OutletOptions {
  /** Authorities that mail servers are trusted by besides those of the system, as PEM. */
  ca?: string | undefined;
  attempt_ms?: number | undefined;
}

export class ChannelOutlet {
  readonly #listeners = new Set<(note: DesktopNote) => void>();
  readonly #ca: string | undefined;
  readonly #attempt_ms: number;

  constructor({ ca, attempt_ms = ATTEMPT_MS }: OutletOptions = {}) {
    this.#ca = ca;
    this.#attempt_ms = attempt_ms;
  }

  onDesktopNote(listener: (note: DesktopNote) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Whether there is a desktop app that shows what it is told. */
  get hasDesktop(): boolean {
    return this.#listeners.size > 0;
  }

  /** @throws SendFailure unless it was taken, the reason of the signal when that is aborted */
  async send(route: ChannelRoute, message: Message, options: SendOptions): Promise<void> {
    const { signal } = options;
    const timeout_ms = this.#attempt_ms;
    switch (route.kind) {
      case 'desktop':
        return this.#show(message);
      case 'email': {
        const mail = {
          from: route.from,
          to: route.to,
          subject: message.subject,
          text: plainText(message),
          html: htmlMail(message),
          // Nobody's answering machine answers: https://www.rfc-editor.org/rfc/rfc3834#section-5
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Archon-Delivery': message.delivery_id },
        };
        return await sendMail({ ...route.server, ca: this.#ca }, mail, { timeout_ms, signal });
      }
      case 'slack': {
        const { allow_private, now_ms } = options;
        return await sendToSlack(route.url, slackMessage(message), { timeout_ms, allow_private, now_ms, signal });
      }
      case 'webhook':
        return await sendToPreset(route, message, { ...options, timeout_ms });
      default:
        return assertNever(route);
    }
  }

  #show(message: Message): void {
    if (!this.hasDesktop) throw new SendFailure('No desktop app is open.', { is_lasting: true });
    for (const listener of this.#listeners) listener(desktopNote(message));
  }
}

/** Requests of a message that needs one for each alert. */
const AT_ONCE = 8;

async function sendToPreset(
  route: Extract<ChannelRoute, { kind: 'webhook' }>,
  message: Message,
  { now_ms, allow_private, repeat_ms, signal, timeout_ms }: SendOptions & { timeout_ms: number },
): Promise<void> {
  const { preset, url, secret } = route;
  if (message.kind === 'report' && !takesReports(preset)) {
    throw new SendFailure('PagerDuty and Alertmanager take alerts, no reports: choose another channel.', {
      is_lasting: true,
    });
  }
  // All requests of a message together take no longer than one attempt may.
  const late = AbortSignal.timeout(timeout_ms);
  const bounds = {
    now_ms,
    allow_private,
    timeout_ms,
    signal: signal ? AbortSignal.any([late, signal]) : late,
    secrets: [secret, ...secretsOfUrl(url)],
  };
  const target = { url, secret: preset === 'pagerduty' ? null : secret };
  try {
    const bodies = webhookBodies(preset, message, { template: route.template, secret, repeat_ms });
    // A test begins something and ends it: one after the other.
    const at_once = message.kind === 'test' ? 1 : AT_ONCE;
    for (let from = 0; from < bodies.length; from += at_once) {
      await Promise.all(bodies.slice(from, from + at_once).map((body) => postSigned(target, body, bounds)));
    }
  } catch (error) {
    if (error instanceof SendFailure || signal?.aborted) throw error;
    throw new SendFailure(`${new URL(url).host} did not answer within ${timeout_ms / 1000} s.`, {
      secrets: bounds.secrets,
      cause: error,
    });
  }
}

const MOST_BODY = 300;

function desktopNote(message: Message): DesktopNote {
  switch (message.kind) {
    case 'test':
      return { title: 'Archon', body: TEST_TEXT, severity: null, path: '/ops-agent/channels' };
    case 'report':
      return {
        title: message.subject,
        body: plainText(message).slice(0, MOST_BODY),
        severity: null,
        path: '/ops-agent/reports',
      };
    case 'alerts': {
      const [first] = message.alerts;
      const advice = message.about === 'resolved' ? null : (first?.alert.cause ?? first?.alert.advice ?? null);
      return {
        title: message.subject,
        body: advice?.slice(0, MOST_BODY) ?? first?.alert.rule_name ?? '',
        severity: message.about === 'resolved' ? null : message.severity,
        path: '/ops-agent/alerts',
      };
    }
  }
}
