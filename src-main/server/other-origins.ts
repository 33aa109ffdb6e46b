/**
 * Pages of other origins that may call the API from a browser, as the operator lists them. They need a token like
 * everybody: no cookie ever counts for them, and the answers do not let the browser send any.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const REQUEST_HEADERS = 'authorization, content-type, idempotency-key, last-event-id';
const ANSWER_HEADERS = 'content-disposition, retry-after, www-authenticate, x-request-id';
/** Seconds a browser may keep the answer to its question: a change of the list is to be felt soon. */
const MAX_AGE_SECONDS = 60;

/**
 * Lets the browser show the answer to a page of an allowed origin.
 *
 * @returns whether the request was the browser's own question beforehand, which is answered with that
 */
export function letOrigin(request: IncomingMessage, response: ServerResponse, allowed: readonly string[]): boolean {
  const { origin } = request.headers;
  if (allowed.length > 0) response.setHeader('vary', 'Origin');
  if (origin === undefined || !allowed.includes(origin)) return false;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', ANSWER_HEADERS);
  // https://fetch.spec.whatwg.org/#cors-preflight-request
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
  request.resume();
  // https://wicg.github.io/private-network-access: a page of the Internet asks for a server of this network.
  const asksForLocal = request.headers['access-control-request-private-network'] === 'true';
  response.writeHead(204, {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': REQUEST_HEADERS,
    'access-control-max-age': String(MAX_AGE_SECONDS),
    ...(asksForLocal ? { 'access-control-allow-private-network': 'true' } : {}),
  });
  response.end();
  return true;
}
