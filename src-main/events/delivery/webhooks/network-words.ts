/** Why a request got no answer, in words that say what to look at. Codes: Node's, OpenSSL's, and those of its parser. */
import { failureOf } from '../run-handler.ts';

const UNTRUSTED =
  'its certificate is signed by nobody this machine trusts: use one of a public authority, or name yours in NODE_EXTRA_CA_CERTS';
const UNREACHABLE = 'no network of this machine leads there';

const WORDS: Partial<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: check host and port of the URL, and that the receiver runs',
  ECONNRESET: 'the connection was closed before an answer came',
  EPIPE: 'the connection was closed before an answer came',
  ENOTFOUND: 'the name has no address: check the host of the URL',
  EAI_AGAIN: 'the name server did not answer',
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: 'the host did not answer',
  EPROTO: 'no TLS connection came about: check that the receiver speaks https on this port',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `${UNTRUSTED}; or the receiver does not send the certificates in between`,
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: check the clocks of both machines',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name than the URL has',
};
const NOT_HTTP = 'what it answered is not HTTP';

/** @param host of the URL, with its port */
export function whyNoAnswer(error: unknown, host: string): string {
  const code = codeOf(error);
  const words = WORDS[code] ?? (code.startsWith('HPE_') ? NOT_HTTP : undefined);
  if (words !== undefined) return `${host}: ${words} (${code})`;
  const { name, message } = failureOf(error);
  return message === '' ? name : message;
}

/** Several addresses that failed, one after the other, are one error with the code of the first. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
