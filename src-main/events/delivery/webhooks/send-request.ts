/**
 * One POST to a URL of somebody else: bounded in time and in what is read, without redirects, and only to an address that
 * was looked at.
 *
 * The name is resolved once, all its addresses are checked, and the connection goes to one of them: a name server that
 * answers differently the next time changes nothing.
 */
import { lookup as systemLookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './address-rules.ts';

const EXCERPT_BYTES = 2048;

export interface WebhookRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** From the beginning to the end of the answer. */
  timeout_ms: number;
  signal?: AbortSignal | undefined;
  allow_private: boolean;
  /** Node's own unless a test names others. */
  lookup?: typeof systemLookup;
}

export interface WebhookAnswer {
  status: number;
  excerpt: string;
  /** When to try again, as the receiver says it: seconds, or a date. */
  retry_after?: string;
}

export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
  constructor(host: string, address: string) {
    const what = host === address ? address : `${host} (${address})`;
    super(
      `${what} is a private or local address. A webhook may lead there only when events.webhooks_allow_private is set.`,
    );
  }
}

/** The host of a URL as an address, when it is one: that needs no name server. */
export function literalAddress(url: string): string | undefined {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? undefined : host;
}

/** @throws AddressRefusedError */
export function requirePublicLiteral(url: string): void {
  const address = literalAddress(url);
  if (address !== undefined && !isPublicAddress(address)) throw new AddressRefusedError(address, address);
}

/** @throws AddressRefusedError, a TimeoutError, what the network says */
export async function sendRequest(request: WebhookRequest): Promise<WebhookAnswer> {
  if (!request.allow_private) requirePublicLiteral(request.url);
  const late = AbortSignal.timeout(request.timeout_ms);
  const signal = request.signal ? AbortSignal.any([late, request.signal]) : late;
  const send = new URL(request.url).protocol === 'https:' ? httpsRequest : httpRequest;
  const { lookup = systemLookup, allow_private } = request;
  const body = Buffer.from(request.body, 'utf8');
  try {
    return await new Promise<WebhookAnswer>((resolve, reject) => {
      const sent = send(request.url, {
        method: 'POST',
        headers: { ...request.headers, 'Content-Length': String(body.length) },
        // A connection of its own, to the address that was checked for it.
        agent: false,
        signal,
        lookup: allow_private ? (lookup as LookupFunction) : checked(lookup),
        maxHeaderSize: 16_384,
      });
      let answered = false;
      sent.on('error', reject);
      sent.once('response', (answer) => {
        answered = true;
        readStart(answer).then(resolve, reject);
      });
      // Another protocol, which nobody asked for: without a listener Node drops the connection and says nothing at all.
      sent.once('upgrade', (answer, socket) => {
        socket.destroy();
        resolve({ status: answer.statusCode ?? 101, excerpt: '' });
      });
      sent.once('close', () => {
        if (!answered) reject(new Error('the connection was closed before an answer came'));
      });
      sent.end(body);
    });
  } catch (error) {
    if (late.aborted) throw new DOMException(`no answer within ${request.timeout_ms} ms`, 'TimeoutError');
    throw error;
  }
}

function checked(lookup: typeof systemLookup): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const bad = addresses.find(({ address }) => !isPublicAddress(address));
      const [first] = addresses;
      if (bad) return callback(new AddressRefusedError(host, bad.address), '', 0);
      if (first === undefined) return callback(new Error(`${host} has no address`), '', 0);
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

/** The beginning of an answer; the rest is not taken, however much there is. */
async function readStart(answer: IncomingMessage): Promise<WebhookAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= EXCERPT_BYTES) break;
  }
  answer.destroy();
  const text = Buffer.concat(chunks).subarray(0, EXCERPT_BYTES).toString('utf8');
  const retry_after = answer.headers['retry-after'];
  return {
    status: answer.statusCode ?? 0,
    excerpt: text.replaceAll('\u0000', '\ufffd'),
    ...(retry_after === undefined ? {} : { retry_after }),
  };
}
