/** Posts a document to a webhook, signed like the events that are sent to webhooks. */
import { appVersion } from '../app-files.ts';
import { whyNoAnswer } from '../events/delivery/webhooks/network-words.ts';
import { sendRequest, type WebhookRequest } from '../events/delivery/webhooks/send-request.ts';
import { SIGNATURE_HEADER, signatureOf } from '../events/delivery/webhooks/signature.ts';
import { whyNotTaken } from './http-answer.ts';
import { SendFailure } from './send-failure.ts';

export interface PostOptions {
  timeout_ms: number;
  /** Whether it may lead to addresses of this computer and its network. */
  allow_private: boolean;
  signal?: AbortSignal | undefined;
  lookup?: WebhookRequest['lookup'] | undefined;
}

export interface WebhookTarget {
  url: string;
  /** Without one it is not signed. */
  secret: string | null;
}

/** @throws SendFailure unless the receiver took it within the time */
export async function sendToWebhook(
  { url, secret }: WebhookTarget,
  document: object,
  { now_ms, ...options }: PostOptions & { now_ms: number },
): Promise<void> {
  const body = JSON.stringify(document);
  const signature = secret === null ? {} : { [SIGNATURE_HEADER]: signatureOf(secret, body, now_ms) };
  await post(url, body, { ...options, headers: signature, secrets: [secret] });
}

/** Posts JSON. @throws SendFailure unless it was taken */
export async function post(
  url: string,
  body: string,
  {
    headers = {},
    secrets,
    lookup,
    ...bounds
  }: PostOptions & { headers?: Record<string, string>; secrets: readonly (string | null)[] },
): Promise<void> {
  if (!URL.canParse(url)) throw new SendFailure('The URL is none: it begins with https:// or http://.', { secrets });
  const { host, username, password } = new URL(url);
  if (username !== '' || password !== '') {
    throw new SendFailure('The URL holds a user or password: take them out, they are not sent.', {
      secrets: [...secrets, password],
    });
  }
  let why: string | undefined;
  try {
    const answer = await sendRequest({
      ...bounds,
      url,
      body,
      headers: { 'Content-Type': 'application/json', 'User-Agent': `Archon/${appVersion}`, ...headers },
      ...(lookup === undefined ? {} : { lookup }),
    });
    why = whyNotTaken(answer, host);
  } catch (error) {
    bounds.signal?.throwIfAborted();
    throw new SendFailure(`${whyNoAnswer(error, host)}.`.replace(/\.\.$/, '.'), { secrets, cause: error });
  }
  if (why !== undefined) throw new SendFailure(why, { secrets });
}
