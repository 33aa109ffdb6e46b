/** One request to a service that answers with JSON: bounded in time and size, without redirects. */
import { whyNoAnswer } from '../../events/delivery/webhooks/network-words.ts';
import { ServiceTestFailure } from './service-test.ts';

/** More of an answer is not taken: a list of models, or one vector, is much smaller. */
const MAX_ANSWER_BYTES = 4 * 1024 ** 2;

export interface JsonRequest {
  url: URL;
  api_key: string | null;
  /** Posted; without one it is a GET. */
  body?: object;
  signal: AbortSignal;
}

export interface JsonAnswer {
  status: number;
  /** What was answered, as text. */
  text: string;
  /** Parsed; undefined when it is no JSON. */
  json: unknown;
}

/** @throws ServiceTestFailure when nobody answers, too much is answered, or it leads elsewhere */
export async function askJson({ url, api_key, body, signal }: JsonRequest): Promise<JsonAnswer> {
  const { host } = url;
  let response: Response;
  let text: string | undefined;
  try {
    response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(api_key === null ? {} : { authorization: `Bearer ${api_key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // The key is for this server alone.
      redirect: 'manual',
      signal,
    });
    text = await readText(response);
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ServiceTestFailure(noAnswer(error, host), { cause: error });
  }
  if (text === undefined) {
    throw new ServiceTestFailure(`${host} answers with more than 4 MiB: check that the URL is that of the API.`);
  }
  if (response.status >= 300 && response.status < 400) throw redirected(response, url);
  return { status: response.status, text, json: parsed(text) };
}

/** Undefined when it is too much. */
async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    // Leaving the loop ends the connection.
    if (length > MAX_ANSWER_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function noAnswer(error: unknown, host: string): string {
  // fetch says only that it failed; why is in its cause.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const why = whyNoAnswer(cause, host);
  return why.startsWith(host) ? `${why}.` : `${host} gave no answer: ${why}.`;
}

function redirected({ status, headers }: Response, url: URL): ServiceTestFailure {
  const location = headers.get('location') ?? '';
  const leads = URL.canParse(location, url) ? new URL(location, url) : undefined;
  const where = leads === undefined ? 'elsewhere' : `to ${leads.origin}`;
  return new ServiceTestFailure(
    `${url.host} leads ${where} (${status}). Redirects are not followed, so that the key goes nowhere else: set the URL it leads to.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
