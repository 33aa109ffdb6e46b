/** Tells a receiver that is away from one that answers. */
import { AddressRefusedError, sendRequest, type WebhookAnswer, type WebhookRequest } from './send-request.ts';

/** What a gateway answers when nobody is behind it. A receiver that fails by itself (500) is there. */
const AWAY_STATUSES = new Set([502, 503, 504]);

/** Nobody answered, or a gateway did in the receiver's place. */
export class ReceiverAwayError extends Error {
  override readonly name = 'ReceiverAwayError';
  readonly answer: WebhookAnswer | undefined;

  constructor(message: string, { answer, ...options }: ErrorOptions & { answer?: WebhookAnswer } = {}) {
    super(message, options);
    this.answer = answer;
  }
}

/** @throws ReceiverAwayError, AddressRefusedError, what the signal of the request says */
export async function askReceiver(request: WebhookRequest): Promise<WebhookAnswer> {
  let answer: WebhookAnswer;
  try {
    answer = await sendRequest(request);
  } catch (error) {
    if (error instanceof AddressRefusedError || request.signal?.aborted) throw error;
    throw new ReceiverAwayError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (AWAY_STATUSES.has(answer.status)) throw new ReceiverAwayError(`answered with ${answer.status}`, { answer });
  return answer;
}
