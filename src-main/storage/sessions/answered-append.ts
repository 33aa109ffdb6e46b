/** What is kept of the answer to an append with an idempotency key: all but the texts, which a repetition brings along. */
import type { Message } from '../../../src-contract/index.ts';
import type { AppendResult } from './session-store.ts';

/** What a message was given when it came first and is given anew when it comes again: its id and time. */
export type SentMessage = [message_id: string, timestamp: string];

export interface AnsweredAppend {
  sent: SentMessage[];
  /** For each message `1` when the session had held its id before, `0` when it was added. */
  held: string;
}

export const sentMessages = (messages: readonly Message[]): SentMessage[] =>
  messages.map(({ message_id, timestamp }) => [message_id, timestamp]);

/** Whether the session is the one that was answered then, and no later one under the same id. */
export const isSameSession = (
  a: { user_id: string; started_at: string | number },
  b: { user_id: string; started_at: string | number },
): boolean => a.user_id === b.user_id && a.started_at === b.started_at;

/**
 * The first answer, from the messages of its repetition.
 *
 * `stored` finds the messages that the session had held before; one that has gone since is answered as it was sent.
 */
export function repeatedAppend(
  messages: readonly Message[],
  { sent, held }: AnsweredAppend,
  stored: (message_id: string, index: number) => Message | undefined,
): Pick<AppendResult, 'messages' | 'added'> {
  const answered = messages.map((message, index) => {
    const [message_id, timestamp] = sent[index] ?? [message.message_id, message.timestamp];
    const before = held[index] === '1' ? stored(message_id, index) : undefined;
    return before ?? { ...message, message_id, timestamp };
  });
  return { messages: answered, added: held.replaceAll('1', '').length };
}
