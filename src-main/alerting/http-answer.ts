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

/** Too Many Requests and those like it: the same request may be taken later. */
const PASSING = new Set([408, 425, 429]);

/** Whether it is worth trying again, and when. @param now_ms without it a date in the answer says nothing */
export function retryOf(
  { status, retry_after }: WebhookAnswer,
  now_ms: number | undefined,
): { is_lasting: boolean; retry_after_ms: number | null } {
  const is_lasting = status < 500 && !PASSING.has(status);
  return { is_lasting, retry_after_ms: is_lasting ? null : retryAfter(retry_after, now_ms) };
}

/** Seconds or a date, https://www.rfc-editor.org/rfc/rfc9110#name-retry-after */
function retryAfter(said: string | undefined, now_ms: number | undefined): number | null {
  const text = said?.trim() ?? '';
  if (/^\d{1,9}(\.\d{1,6})?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const at_ms = Date.parse(text);
  return Number.isNaN(at_ms) || now_ms === undefined ? null : Math.max(0, at_ms - now_ms);
}
