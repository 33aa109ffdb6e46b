/** By what a conversation and a message of an OpenAI-style file are known again. */
import { createHash } from 'node:crypto';
import type { ConversationItem } from '../conversations/conversation.ts';
import { type Fields, RecordProblem } from './json-fields.ts';
import { firstId } from './openai-message.ts';

/** A message that says where it belongs, or not. */
export interface Identity {
  id: string;
  /** Made here, from what the message is. */
  made: boolean;
}

export function identityOf(message: Fields, make: () => string): Identity {
  const id = firstId(message, ['id', 'message_id']);
  return id === undefined ? { id: make(), made: true } : { id, made: false };
}

/** Shorter ids are counters, names and short hashes: nobody means them to be unique in the world. */
const MIN_STRONG_LENGTH = 16;
/** Words and a counter. */
const WORDS_AND_COUNTER = /^[\p{L}\s_.:/#-]{0,90}\d{0,9}$/u;

/** Whether the conversations of two files may well have the same id by chance. */
export function isWeakId(id: string): boolean {
  return id.length < MIN_STRONG_LENGTH || WORDS_AND_COUNTER.test(id);
}

/** Stands for a few values. Content nested too deep for JSON.stringify cannot be told apart and is refused. */
export function digestOf(...values: readonly unknown[]): string {
  const hash = createHash('sha256');
  for (const value of values) hash.update(jsonLine(value));
  return hash.digest('hex');
}

/** The same for a long conversation: one by one, for it is not written out as a whole, and takes its time. */
export function* digestOfAll(values: readonly unknown[]): Generator<ConversationItem, string> {
  const hash = createHash('sha256');
  for (const value of values) {
    hash.update(jsonLine(value));
    yield { type: 'pause' };
  }
  return hash.digest('hex');
}

function jsonLine(value: unknown): string {
  try {
    return `${JSON.stringify(value)}\n`;
  } catch {
    throw new RecordProblem('it is nested too deep');
  }
}
