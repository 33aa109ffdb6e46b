/** Keeps a context from telling the same twice: a memory that repeats a message of it, or a better memory, is left out. */
import type { Message } from '../../src-contract/index.ts';
import { MemoryLines, type OfferedMemory, type Packed, type PackRequest, packContext } from './context-budget.ts';

/** A memory that may repeat something. */
export interface RepeatableMemory extends OfferedMemory {
  /** The message it remembers, if it is one. */
  message_id: string | undefined;
}

export interface PackedOnce<Memory> {
  packed: Packed;
  unique: Memory[];
  repeated: Memory[];
}

/** Times a context is packed to find out what is said in it; after that every memory is told, even twice. */
const MAX_ROUNDS = 4;
/** Longer texts are compared by so much of their beginning, to the letter, and by the number of their tokens. */
const COMPARED_LENGTH = 16_384;
/** Texts up to this length are the same as well when they differ in case or white space only. */
const LIKENED_LENGTH = 4096;

/**
 * Packs a context without repetitions.
 *
 * Only a message that has a place, whole, makes a memory a repetition, so the context is packed first to see which have
 * one. Without the repetitions other memories fit, and may take the place of a message: then the memories that repeated
 * it are no repetitions any more, and it is packed again. What counts as said only ever gets less, so this ends.
 */
export function packWithoutRepeats<Memory extends RepeatableMemory>(
  request: PackRequest & { memories: readonly Memory[] },
): PackedOnce<Memory> {
  const lines = new MemoryLines(request.max_tokens);
  let said = wholeMessages(packContext(request, lines));
  for (let round = 1; ; round += 1) {
    const { unique, repeated } = splitRepeats(request.memories, said);
    const packed = packContext({ ...request, memories: unique }, lines);
    const kept = new Set(wholeMessages(packed));
    const still = said.filter((message) => kept.has(message));
    if (still.length === said.length) return { packed, unique, repeated };
    said = round < MAX_ROUNDS ? still : [];
  }
}

const wholeMessages = ({ messages }: Packed): Message[] =>
  messages.filter(({ truncated }) => !truncated).map(({ message }) => message);

function splitRepeats<Memory extends RepeatableMemory>(
  memories: readonly Memory[],
  said: readonly Message[],
): { unique: Memory[]; repeated: Memory[] } {
  const seenIds = new Set(said.map((message) => message.message_id));
  const seenTexts = new Set(said.map((message) => likeness(message.content, message.token_count)));
  const unique: Memory[] = [];
  const repeated: Memory[] = [];
  for (const memory of memories) {
    const key = likeness(memory.text, memory.text_tokens);
    const told = (memory.message_id !== undefined && seenIds.has(memory.message_id)) || seenTexts.has(key);
    seenTexts.add(key);
    (told ? repeated : unique).push(memory);
  }
  return { unique, repeated };
}

/** Equal for texts that say the same. */
function likeness(text: string, tokens: number): string {
  if (text.length > LIKENED_LENGTH) return `${tokens} ${text.slice(0, COMPARED_LENGTH)}`;
  return text.toLowerCase().replaceAll(/\s+/g, ' ').trim();
}
