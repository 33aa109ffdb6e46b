/**
 * Messages in OpenAI's shape, one JSON text per line.
 *
 * Either a line is a conversation, `{"messages": [{"role", "content"}, …], "id"?, "title"?, "created"?}`, as in files for
 * fine-tuning (https://platform.openai.com/docs/guides/supervised-fine-tuning), or a line is a message, `{"role",
 * "content", "conversation_id"?, "timestamp"?}`, as loggers of agents write them.
 */
import { z } from 'zod';
import type { JsonObject } from '../../../src-contract/index.ts';
import type { Conversation, ConversationItem } from '../conversations/conversation.ts';
import { fillTimes } from '../conversations/message-times.ts';
import { stableId } from '../conversations/stable-ids.ts';
import { storableLabel } from '../conversations/storable-text.ts';
import { type Converter, conversationImporter, shareOf } from './conversation-sink.ts';
import type { ImportContext, RecordPlace } from './importer.ts';
import { type Fields, field, isFields, optionalList, RecordProblem, requireFields } from './json-fields.ts';
import { digestOf, digestOfAll, type Identity, identityOf, isWeakId } from './openai-identity.ts';
import { type Draft, firstId, firstTime, ROLES, readMessage, SAYING_KEYS } from './openai-message.ts';

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
  return typeof field(record, 'role') === 'string' && SAYING_KEYS.some((key) => Object.hasOwn(record, key));
}

const CONVERSATION_KEYS = ['conversation_id', 'session_id', 'thread_id'];

/** Conversations with a weak id that a file may have; those after them keep the id as it is. Bounds what is saved. */
const MAX_OWN_IDS = 10_000;

const savedState = z.object({
  file_conversation: z.string().nullable(),
  own_ids: z.array(z.tuple([z.string(), z.string()])),
  last_conversation: z.string().nullable(),
  last_ms: z.number().nullable(),
});

/** A line that is a message, before its conversation and time are certain. */
interface Line {
  drafts: Draft[];
  identity: Identity;
  /** What the file calls its conversation. */
  named: string | null;
  title: string | null;
  time_ms: number | null;
  place: RecordPlace;
}

/** The first lines of a conversation, up to the first that is no system message. */
interface Beginning {
  lines: Line[];
  digests: string[];
  characters: number;
  /** Of the first line. */
  record: number;
}

/** Lines that are kept back because their conversation has only begun, and the text in them, in UTF-16 units. */
const MAX_LEADING = 100;
const MAX_LEADING_CHARACTERS = 4 * 1024 * 1024;
/** Records after which none is kept back any more: until then an import cannot go on from here. */
const MAX_LEADING_SPAN = 500;

class OpenAiConverter implements Converter {
  readonly #context: ImportContext;
  /**
   * Holds the messages of a file that names no conversations: made from its messages up to the first that is no system
   * message, for many files of one program begin with the same system message.
   */
  #fileConversation: string | null = null;
  /** By weak id: the id of the conversation, made from the id and how the conversation began in this file. */
  readonly #ownIds: Map<string, string>;
  /** Conversations that have only begun, by what the file calls them; null for the one without a name. */
  readonly #leading = new Map<string | null, Beginning>();
  /** Conversation and time of the last message, where a line is a message. */
  #lastConversation: string | null = null;
  #lastMs: number | null = null;

  constructor(context: ImportContext, state: JsonObject | undefined) {
    this.#context = context;
    const saved = savedState.safeParse(state).data;
    this.#fileConversation = saved?.file_conversation ?? null;
    this.#ownIds = new Map(saved?.own_ids);
    this.#lastConversation = saved?.last_conversation ?? null;
    this.#lastMs = saved?.last_ms ?? null;
  }

  state(): JsonObject {
    return {
      file_conversation: this.#fileConversation,
      own_ids: [...this.#ownIds],
      last_conversation: this.#lastConversation,
      last_ms: this.#lastMs,
    };
  }

  holdsBack(): boolean {
    return this.#leading.size > 0;
  }

  /** Conversations of nothing but system messages. */
  *end(): Iterable<ConversationItem> {
    yield* this.#beginAll();
  }

  *convert(value: unknown, place: RecordPlace): Iterable<ConversationItem> {
    const record = requireFields(value, 'the record');
    const [oldest] = this.#leading.values();
    if (oldest && place.record - oldest.record >= MAX_LEADING_SPAN) yield* this.#beginAll();
    if (field(record, 'messages') !== undefined) yield* this.#conversationLine(record, place);
    else if (field(record, 'role') !== undefined) yield* this.#messageLine(record, place);
    else throw new RecordProblem('it has neither messages nor a role: this is no OpenAI-style conversation or message');
  }

  *#conversationLine(record: Fields, place: RecordPlace): Iterable<ConversationItem> {
    const messages = optionalList(record, 'messages');
    const started_ms = firstTime(record) ?? undefined;
    const named = firstId(record, ['id', ...CONVERSATION_KEYS]);
    const id =
      named === undefined
        ? stableId('openai conversation', yield* digestOfAll(messages))
        : this.#idOf(named, () => digestOf(...beginningOf(messages)));
    const title = storableLabel(field(record, 'title')) ?? null;
    const conversation: Conversation = { id, title, started_ms, metadata: nameOf(named, id) };
    const fallback_ms = started_ms ?? this.#context.fallbackTime(place.record);
    const times = fillTimes(
      messages.map((message) => (isFields(message) ? firstTime(message) : null)),
      fallback_ms,
      this.#context.now(),
    );
    for (const [index, raw] of messages.entries()) {
      try {
        const message = requireFields(raw, 'the message');
        const identity = identityOf(message, () => stableId('message', index, digestOf(message)));
        yield* toItems(readMessage(message), conversation, identity, times[index] ?? fallback_ms);
      } catch (error) {
        if (!(error instanceof RecordProblem)) throw error;
        yield { type: 'problem', message: `messages[${index}]: ${error.message}` };
      }
    }
  }

  *#messageLine(record: Fields, place: RecordPlace): Iterable<ConversationItem> {
    const drafts = [...readMessage(record)];
    const digest = digestOf(record);
    const named = firstId(record, CONVERSATION_KEYS) ?? null;
    const line: Line = {
      drafts,
      identity: identityOf(record, () => stableId('line', place.record, digest)),
      named,
      title: storableLabel(field(record, 'title')) ?? null,
      time_ms: firstTime(record),
      place,
    };
    const known = named === null ? this.#fileConversation : this.#knownId(named);
    if (known !== null) {
      yield* this.#itemsOf(line, known);
      return;
    }
    this.#keepBack(line, named === null ? digest : digestOf(sayingOf(record)));
    if (ROLES.get(field(record, 'role')) !== 'system') yield* this.#begin(named);
    else if (!this.#mayWait()) yield* this.#beginAll();
  }

  #keepBack(line: Line, digest: string): void {
    const empty = { lines: [], digests: [], characters: 0, record: line.place.record };
    const beginning = this.#leading.get(line.named) ?? empty;
    beginning.lines.push(line);
    beginning.digests.push(digest);
    for (const { text } of line.drafts) beginning.characters += text.length;
    this.#leading.set(line.named, beginning);
  }

  #mayWait(): boolean {
    let lines = 0;
    let characters = 0;
    for (const beginning of this.#leading.values()) {
      lines += beginning.lines.length;
      characters += beginning.characters;
    }
    return lines < MAX_LEADING && characters < MAX_LEADING_CHARACTERS;
  }

  *#beginAll(): Iterable<ConversationItem> {
    for (const named of [...this.#leading.keys()]) yield* this.#begin(named);
  }

  *#begin(named: string | null): Iterable<ConversationItem> {
    const { lines, digests } = this.#leading.get(named) ?? { lines: [], digests: [] };
    this.#leading.delete(named);
    let conversation_id: string;
    if (named === null) {
      conversation_id = stableId('openai file', ...digests);
      this.#fileConversation = conversation_id;
    } else {
      conversation_id = this.#idOf(named, () => digestOf(...digests));
    }
    for (const line of lines) yield* this.#itemsOf(line, conversation_id);
  }

  /** The conversation the file calls so, when it is certain which one that is. */
  #knownId(named: string): string | null {
    const own = this.#ownIds.get(named);
    if (own !== undefined) return own;
    return isWeakId(named) && this.#ownIds.size < MAX_OWN_IDS ? null : named;
  }

  /**
   * The id of the conversation the file calls so.
   *
   * What tells conversations apart in one file only, such as "1", would throw unrelated ones of other files together.
   * How the conversation began tells it from those, and stays when it grows.
   */
  #idOf(named: string, beginning: () => string): string {
    const known = this.#knownId(named);
    if (known !== null) return known;
    const own = stableId('openai conversation', named, beginning());
    this.#ownIds.set(named, own);
    return own;
  }

  *#itemsOf(line: Line, conversation_id: string): Iterable<ConversationItem> {
    const last = this.#lastConversation === conversation_id ? this.#lastMs : null;
    const next = last === null ? this.#context.fallbackTime(line.place.record) : last + 1;
    const time_ms = Math.min(line.time_ms ?? next, this.#context.now());
    this.#lastConversation = conversation_id;
    this.#lastMs = time_ms;
    const metadata = nameOf(line.named ?? undefined, conversation_id);
    yield* toItems(line.drafts, { id: conversation_id, title: line.title, metadata }, line.identity, time_ms);
  }
}

/** What the file calls the conversation, where that is not its id. */
function nameOf(named: string | undefined, id: string): JsonObject | undefined {
  const name = named === id ? undefined : storableLabel(named);
  return name === undefined ? undefined : { conversation_id: name };
}

/** What the messages say up to the first that is no system message. */
function beginningOf(messages: readonly unknown[]): unknown[] {
  const said: unknown[] = [];
  for (const message of messages) {
    if (!isFields(message)) continue;
    said.push(sayingOf(message));
    if (ROLES.get(field(message, 'role')) !== 'system' || said.length >= MAX_LEADING) break;
  }
  return said;
}

/** What of a message stays the same from one file of a program to the next. */
function sayingOf(message: Fields): unknown[] {
  return [field(message, 'role'), field(message, 'content'), firstTime(message)];
}

function* toItems(
  drafts: Iterable<Draft>,
  conversation: Conversation,
  { id, made }: Identity,
  time_ms: number,
): Iterable<ConversationItem> {
  for (const { part, ...draft } of drafts) {
    // Loggers put the id of a request on the question and on the answer.
    yield { type: 'message', conversation, message: { ...draft, id: `${id}${part}`, id_may_repeat: !made, time_ms } };
  }
}
