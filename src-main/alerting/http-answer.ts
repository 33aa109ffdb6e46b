/** What the answer of a receiver of alerts means, in words that say what to do. */
import type { WebhookAnswer } from '../events/delivery/webhooks/send-request.ts';
import { quoted } from './send-failure.ts';

/** Undefined when the receiver took it. */
export function whyNotTaken({ status, excerpt }: WebhookAnswer, host: string): string | undefined {
  if (status >= 200 && status < 300) return undefined;
  const said = excerpt.trim() === '' || /^\s*</.test(excerpt) ? '' : ` It said: ${quoted(excerpt)}`;
  if (status >= 300 && status < 400) {
    return `${host} answered with ${status}, a redirect. Redirects are not followed: set the URL it leads to.`;
  }
  if (status === 401 || status === 403) return `${host} refused it (${status}): check the URL and the secret.${said}`;
  if (status === 404 || status === 410) return `${host} knows no such address (${status}): check the URL.${said}`;
  if (status === 429) return `${host} was sent too much (429): wait a while, then try again.${said}`;
  if (status >= 500) return `${host} failed (${status}): look there, then try again.${said}`;
  return `${host} answered with ${status}.${said}`;
}
