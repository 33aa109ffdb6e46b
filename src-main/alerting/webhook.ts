/** Posts a document to a webhook, signed like the events that are sent to webhooks. */
import { appVersion } from '../app-files.ts';
import { whyNoAnswer } from '../events/delivery/webhooks/network-words.ts';
import {
  AddressRefusedError,
  sendRequest,
  type WebhookAnswer,
  type WebhookRequest,
} from '../events/delivery/webhooks/send-request.ts';
import { SIGNATURE_HEADER, signatureOf } from '../events/delivery/webhooks/signature.ts';
import { retryOf, whyNotTaken } from './http-answer.ts';
import { SendFailure } from './send-failure.ts';

export interface PostOptions {
  timeout_ms: number;
  /** Whether it may lead to addresses of this computer and its network. */
  allow_private: boolean;
  signal?: AbortSignal | undefined;
  lookup?: WebhookRequest['lookup'] | undefined;
  /** For dates in answers, and signatures. */
  now_ms?: number | undefined;
}

export interface WebhookTarget {
  url: string;
  /** Without one it is not signed. */
  secret: string | null;
}

/** @throws SendFailure unless the receiver took it within the time */
export async function sendToWebhook(
  target: WebhookTarget,
  document: object,
  options: PostOptions & { now_ms: number },
): Promise<void> {
  await postSigned(target, JSON.stringify(document), { ...options, secrets: [target.secret] });
}

/** Posts JSON that is written already. @throws SendFailure unless it was taken */
export async function postSigned(
  { url, secret }: WebhookTarget,
  body: string,
  options: PostOptions & { now_ms: number; secrets: readonly (string | null)[] },
): Promise<void> {
  const headers = secret === null ? {} : { [SIGNATURE_HEADER]: signatureOf(secret, body, options.now_ms) };
  await post(url, body, { ...options, headers });
}

/** What of an URL lets in whoever knows it, where the URL is a secret as a whole. */
export function secretsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) return [url];
  const { pathname, search, searchParams } = new URL(url);
  const parts = [...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= LEAST_TOKEN);
  return [url, `${pathname}${search}`, pathname, ...parts].filter((part) => part.length >= LEAST_TOKEN);
}
/** Characters of a part of an URL that may be a token. */
const LEAST_TOKEN = 12;

/** Posts JSON. @throws SendFailure unless it was taken */
export async function post(
  url: string,
  body: string,
  {
    headers = {},
    secrets,
    lookup,
    now_ms,
    ...bounds
  }: PostOptions & { headers?: Record<string, string>; secrets: readonly (string | null)[] },
): Promise<void> {
  if (!URL.canParse(url)) {
    throw new SendFailure('The URL is none: it begins with https:// or http://.', { secrets, is_lasting: true });
  }
  const { host, username, password } = new URL(url);
  if (username !== '' || password !== '') {
    throw new SendFailure('The URL holds a user or password: take them out, they are not sent.', {
      secrets: [...secrets, password],
      is_lasting: true,
    });
  }
  let answer: WebhookAnswer;
  try {
    answer = await sendRequest({
      ...bounds,
      url,
      body,
      headers: { 'Content-Type': 'application/json', 'User-Agent': `Archon/${appVersion}`, ...headers },
      ...(lookup === undefined ? {} : { lookup }),
    });
  } catch (error) {
    bounds.signal?.throwIfAborted();
    const is_lasting = error instanceof AddressRefusedError;
    throw new SendFailure(`${whyNoAnswer(error, host)}.`.replace(/\.\.$/, '.'), { secrets, is_lasting, cause: error });
  }
  const why = whyNotTaken(answer, host);
  if (why !== undefined) throw new SendFailure(why, { secrets, ...retryOf(answer, now_ms) });
}
