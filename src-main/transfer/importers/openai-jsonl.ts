/**
 * Messages in OpenAI's shape, one JSON text per line.
 *
 * Either a line is a conversation, `{"messages": [{"role", "content"}, …], "id"?, "title"?, "created"?}`, as in files for
 * fine-tuning (https://platform.openai.com/docs/guides/supervised-fine-tuning), or a line is a message, `{"role",
 * "content", "conversation_id"?, "timestamp"?}`, as loggers of agents write them.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonObject, Message } from '../../../src-contract/index.ts';
import {
  type Conversation,
  type ConversationItem,
  type ImportedMessage,
  tellingInput,
  toolLine,
} from '../conversations/conversation.ts';
import { fillTimes, parseTime } from '../conversations/message-times.ts';
import { stableId } from '../conversations/stable-ids.ts';
import { storableLabel } from '../conversations/storable-text.ts';
import { blockText, hasWords } from './content-blocks.ts';
import { type Converter, conversationImporter, shareOf } from './conversation-sink.ts';
import type { ImportContext, RecordPlace } from './importer.ts';
import {
  type Fields,
  field,
  isFields,
  optionalList,
  optionalText,
  RecordProblem,
  requireFields,
  requireKnown,
  typeName,
} from './json-fields.ts';

export const openaiJsonlImporter = conversationImporter({
  kind: 'openai-jsonl',
  title: 'OpenAI-style messages (.jsonl)',
  // Less sure of itself than the others: many formats have a role and a content somewhere.
  sniff: (records) => 0.9 * shareOf(records, looksLikeOpenAi),
  converter: (context, state) => new OpenAiConverter(context, state),
});

function looksLikeOpenAi(record: unknown): boolean {
  if (!isFields(record)) return false;
  const messages = field(record, 'messages');
  if (Array.isArray(messages)) return messages.length === 0 || (isFields(messages[0]) && 'role' in messages[0]);
  return typeof field(record, 'role') === 'string' && ('content' in record || 'tool_calls' in record);
}

const ROLES: ReadonlyMap<unknown, Message['role']> = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'assistant'],
  ['tool', 'tool'],
  ['function', 'tool'],
]);

const CONVERSATION_KEYS = ['conversation_id', 'session_id', 'thread_id'];
const TIME_KEYS = ['timestamp', 'created_at', 'created', 'create_time'];

const savedState = z.object({
  file_conversation: z.string().nullable(),
  last_conversation: z.string().nullable(),
  last_ms: z.number().nullable(),
});

type Draft = Omit<ImportedMessage, 'time_ms' | 'id'> & { part: string };

/** A line that is a message, before its conversation and time are certain. */
interface Line {
  drafts: Draft[];
  id: string;
  title: string | null;
  time_ms: number | null;
  place: RecordPlace;
}

/** System messages at the beginning of a file that are kept back, and the text in them, in UTF-16 units. */
const MAX_LEADING = 100;
const MAX_LEADING_CHARACTERS = 4 * 1024 * 1024;

class OpenAiConverter implements Converter {
  readonly #context: ImportContext;
  /**
   * Holds the messages of a file that names no conversations: made from its messages up to the first that is no system
   * message, for many files of one program begin with the same system message.
   */
  #fileConversation: string | null = null;
  /** The system messages at the beginning of such a file, until its conversation is known. */
  #leading: Line[] = [];
  #leadingDigests: string[] = [];
  #leadingCharacters = 0;
  /** Conversation and time of the last message, where a line is a message. */
  #lastConversation: string | null = null;
  #lastMs: number | null = null;

  constructor(context: ImportContext, state: JsonObject | undefined) {
    this.#context = context;
    const saved = savedState.safeParse(state).data;
    this.#fileConversation = saved?.file_conversation ?? null;
    this.#lastConversation = saved?.last_conversation ?? null;
    this.#lastMs = saved?.last_ms ?? null;
  }

  state(): JsonObject {
    return {
      file_conversation: this.#fileConversation,
      last_conversation: this.#lastConversation,
      last_ms: this.#lastMs,
    };
  }

  holdsBack(): boolean {
    return this.#leading.length > 0;
  }

  /** A file of nothing but system messages. */
  *end(): Iterable<ConversationItem> {
    if (this.#leading.length > 0) yield* this.#beginFileConversation();
  }

  *convert(value: unknown, place: RecordPlace): Iterable<ConversationItem> {
    const record = requireFields(value, 'the record');
    if (field(record, 'messages') !== undefined) yield* this.#conversationLine(record, place);
    else if (field(record, 'role') !== undefined) yield* this.#messageLine(record, place);
    else throw new RecordProblem('it has neither messages nor a role: this is no OpenAI-style conversation or message');
  }

  *#conversationLine(record: Fields, place: RecordPlace): Iterable<ConversationItem> {
    const messages = optionalList(record, 'messages');
    const started_ms = firstTime(record) ?? undefined;
    const conversation: Conversation = {
      id: firstText(record, ['id', ...CONVERSATION_KEYS]) ?? stableId('openai conversation', digestOf(...messages)),
      title: storableLabel(field(record, 'title')) ?? null,
      started_ms,
    };
    const fallback_ms = started_ms ?? this.#context.fallbackTime(place.record);
    const times = fillTimes(
      messages.map((message) => (isFields(message) ? firstTime(message) : null)),
      fallback_ms,
      this.#context.now(),
    );
    for (const [index, raw] of messages.entries()) {
      try {
        const message = requireFields(raw, 'the message');
        const id = firstText(message, ['id', 'message_id']) ?? stableId('message', index, digestOf(message));
        const time_ms = times[index] ?? fallback_ms;
        yield* toItems(readMessage(message), conversation, id, time_ms);
      } catch (error) {
        if (!(error instanceof RecordProblem)) throw error;
        yield { type: 'problem', message: `messages[${index}]: ${error.message}` };
      }
    }
  }

  *#messageLine(record: Fields, place: RecordPlace): Iterable<ConversationItem> {
    const drafts = [...readMessage(record)];
    const digest = digestOf(record);
    const line: Line = {
      drafts,
      id: firstText(record, ['id', 'message_id']) ?? stableId('line', place.record, digest),
      title: storableLabel(field(record, 'title')) ?? null,
      time_ms: firstTime(record),
      place,
    };
    const named = firstText(record, CONVERSATION_KEYS);
    if (named !== undefined) {
      yield* this.#itemsOf(line, named);
      return;
    }
    if (this.#fileConversation !== null) {
      yield* this.#itemsOf(line, this.#fileConversation);
      return;
    }
    this.#leading.push(line);
    this.#leadingDigests.push(digest);
    for (const { text } of drafts) this.#leadingCharacters += text.length;
    const mayWait = this.#leading.length < MAX_LEADING && this.#leadingCharacters < MAX_LEADING_CHARACTERS;
    if (ROLES.get(field(record, 'role')) !== 'system' || !mayWait) yield* this.#beginFileConversation();
  }

  *#beginFileConversation(): Iterable<ConversationItem> {
    const conversation_id = stableId('openai file', ...this.#leadingDigests);
    const lines = this.#leading;
    this.#fileConversation = conversation_id;
    this.#leading = [];
    this.#leadingDigests = [];
    for (const line of lines) yield* this.#itemsOf(line, conversation_id);
  }

  *#itemsOf(line: Line, conversation_id: string): Iterable<ConversationItem> {
    const last = this.#lastConversation === conversation_id ? this.#lastMs : null;
    const next = last === null ? this.#context.fallbackTime(line.place.record) : last + 1;
    const time_ms = Math.min(line.time_ms ?? next, this.#context.now());
    this.#lastConversation = conversation_id;
    this.#lastMs = time_ms;
    yield* toItems(line.drafts, { id: conversation_id, title: line.title }, line.id, time_ms);
  }
}

function* toItems(
  drafts: Iterable<Draft>,
  conversation: Conversation,
  id: string,
  time_ms: number,
): Iterable<ConversationItem> {
  for (const { part, ...draft } of drafts) {
    yield { type: 'message', conversation, message: { ...draft, id: `${id}${part}`, time_ms } };
  }
}

/** A message and its tool calls. */
function* readMessage(message: Fields): Iterable<Draft> {
  const role = requireKnown(message, 'role', ROLES);
  const content = field(message, 'content');
  const calls = optionalList(message, 'tool_calls');
  if (typeof content !== 'string' && !Array.isArray(content) && content !== null && content !== undefined) {
    throw new RecordProblem(`content must be a text or an array, but is ${typeName(content)}`);
  }
  if (content === undefined && calls.length === 0) throw new RecordProblem('content must be a text, but is missing');
  const text = blockText(content);
  const spoken = (role === 'user' || role === 'assistant') && hasWords(text);
  const name = storableLabel(field(message, 'name'));
  if (text !== '') {
    yield {
      part: '',
      role,
      text,
      metadata: name ? { name } : undefined,
      remember: { kind: spoken ? 'said' : 'nothing' },
    };
  }
  for (const [index, call] of calls.entries()) {
    const definition = isFields(call) ? field(call, 'function') : undefined;
    if (!isFields(definition)) throw new RecordProblem(`tool_calls[${index}].function must be an object`);
    const tool = storableLabel(field(definition, 'name')) ?? 'tool';
    const line = toolLine(tool, tellingInput(parsedArguments(field(definition, 'arguments'))));
    yield { part: `#${index}`, role, text: line, metadata: { tool }, remember: { kind: 'did', line } };
  }
}

/** Arguments are JSON in a text. */
function parsedArguments(raw: unknown): unknown {
  if (typeof raw !== 'string') return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

function firstText(fields: Fields, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = optionalText(fields, key);
    if (text !== undefined) return text;
  }
  return undefined;
}

function firstTime(fields: Fields): number | null {
  for (const key of TIME_KEYS) {
    const ms = parseTime(field(fields, key));
    if (ms !== null) return ms;
  }
  return null;
}

/** Stands for content without an id. Content nested too deep for JSON.stringify cannot be told apart and is refused. */
function digestOf(...values: readonly unknown[]): string {
  const hash = createHash('sha256');
  try {
    // One by one: a long conversation is not written out as a whole.
    for (const value of values) hash.update(`${JSON.stringify(value)}\n`);
  } catch {
    throw new RecordProblem('it is nested too deep');
  }
  return hash.digest('hex');
}
