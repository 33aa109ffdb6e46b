/** The signature of a webhook: who has the secret can tell that we sent it, when, and that nothing was changed. */
import { createHmac } from 'node:crypto';

export const SIGNATURE_HEADER = 'Archon-Signature';

/** `t=<seconds since the epoch>,v1=<hex HMAC-SHA256 of "t.body">` */
export function signatureOf(secret: string, body: string, now_ms: number): string {
  const t = Math.floor(now_ms / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`, 'utf8').digest('hex')}`;
}
